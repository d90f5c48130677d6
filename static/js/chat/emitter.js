/**
 * Who wants to hear of what.
 *
 * @template {Record<string, any>} Events  names, and what each carries
 */
export class Emitter {
  /** @type {Map<keyof Events, Set<(value: any) => void>>} */
  #byName = new Map();

  /**
   * @template {keyof Events} Name
   * @param {Name} name
   * @param {(value: Events[Name]) => void} listener
   * @returns {() => void} stops listening
   */
  on(name, listener) {
    const listeners = this.#byName.get(name) ?? new Set();
    this.#byName.set(name, listeners.add(listener));
    return () => listeners.delete(listener);
  }

  /**
   * @template {keyof Events} Name
   * @param {Name} name
   * @param {Events[Name]} value
   */
  emit(name, value) {
    for (const listener of [...(this.#byName.get(name) ?? [])]) listener(value);
  }
}
