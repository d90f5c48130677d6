/**
 * A person's colour: the same on every screen, because it comes from their id alone.
 *
 * The palette itself is in people's style sheet; here is only which of it.
 */

const COLOURS = 12;

/** @param {string} id @returns {number} 0 to 11 */
export function colourOf(id) {
  let hash = 2_166_136_261;
  for (const character of id) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 16_777_619);
  return ((hash ^ (hash >>> 15)) >>> 0) % COLOURS;
}

/** What stands in the circle: the first letter as a reader counts letters. @param {string} name */
export function initialOf(name) {
  const [first] = new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(name.trim());
  return (first?.segment ?? '?').toLocaleUpperCase();
}
