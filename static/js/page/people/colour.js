/**
 * A person's colour: kept for as long as the page is open, and nobody else's while there are enough of them.
 *
 * Everybody has a favourite that comes from their id, so that most have the same colour on every screen; whoever comes
 * when it is taken gets one that the fewest have. The palette itself is in people's style sheet; here is only which of it.
 */

const COLOURS = 12;
/** Without a common factor, and far enough to be told apart from its neighbour. */
const STEP = 5;

export class Colours {
  /** By user id. @type {Map<string, number>} */
  #given = new Map();
  /** How many have each. */
  #holders = Array.from({ length: COLOURS }, () => 0);

  /** @param {string} id @returns {number} 0 to 11 */
  of(id) {
    const known = this.#given.get(id);
    if (known !== undefined) return known;
    const colour = this.#freest(favourite(id));
    this.#given.set(id, colour);
    this.#holders[colour] += 1;
    return colour;
  }

  /** The next one from there that nobody has; or else the fewest. @param {number} from */
  #freest(from) {
    const fewest = Math.min(...this.#holders);
    let colour = from;
    while (this.#holders[colour] > fewest) colour = (colour + STEP) % COLOURS;
    return colour;
  }
}

/** @param {string} id */
function favourite(id) {
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
