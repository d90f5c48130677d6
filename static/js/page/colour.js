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

/**
 * What stands in the tile: the first letter as a reader counts letters, and that of the last word; of a number its last
 * digit, which is where numbered names differ.
 *
 * @param {string} name
 */
export function initialsOf(name) {
  const words = name.trim().split(/[\s_.-]+/).filter((word) => word !== '');
  const first = lettersOf(words[0] ?? '?')[0];
  const last = words.length > 1 ? lettersOf(/** @type {string} */ (words.at(-1))) : [];
  const isNumber = /^\d+$/.test(last.join(''));
  return `${first}${(isNumber ? last.at(-1) : last[0]) ?? ''}`.toLocaleUpperCase();
}

/** @param {string} word */
function lettersOf(word) {
  return [...new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(word)].map(({ segment }) => segment);
}
