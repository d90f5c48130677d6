/** How an address names a message: `#s1234`, by its place in the room. */

/** @param {number} seq */
export function hashOf(seq) {
  return `#s${seq}`;
}

/** @param {string} hash @returns {number | null} nothing: it names no message */
export function seqOf(hash) {
  const found = /^#s([1-9]\d{0,14})$/.exec(hash);
  return found ? Number(found[1]) : null;
}
