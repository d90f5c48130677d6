/** A browser's storage in memory, of a size: like the real one, it names its keys and throws when it is full. */

/** @param {number} [size] in characters @returns {Storage} */
export function storageOf(size = Infinity) {
  const kept = /** @type {Map<string, string>} */ (new Map());
  const methods = {
    getItem: (/** @type {string} */ key) => kept.get(key) ?? null,
    removeItem: (/** @type {string} */ key) => void kept.delete(key),
    setItem: (/** @type {string} */ key, /** @type {string} */ value) => {
      const others = [...kept].filter(([other]) => other !== key).reduce((sum, [other, text]) => sum + other.length + text.length, 0);
      if (others + key.length + value.length > size) throw new DOMException('full', 'QuotaExceededError');
      kept.set(key, value);
    },
  };
  return /** @type {any} */ (new Proxy(methods, {
    ownKeys: () => [...kept.keys()],
    getOwnPropertyDescriptor: (_, key) => ({ value: kept.get(String(key)), enumerable: true, configurable: true }),
  }));
}
