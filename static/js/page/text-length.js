/**
 * How long a text is for the server: code points of its composed form, not what JavaScript counts.
 */

import { plural } from './times.js';

export const LIMIT = 4_000;
const WARN_FROM = LIMIT * 0.9;
/** Composing may make a text longer, by this factor at most. */
const MOST_GROWTH = 3;

/** @param {string} text */
export function lengthOf(text) {
  return [...text.normalize('NFC')].length;
}

/**
 * What the counter says: nothing until the last tenth.
 *
 * @param {string} text
 * @returns {{words: string, isOver: boolean}}
 */
export function counterOf(text) {
  const left = LIMIT - (text.length * MOST_GROWTH >= WARN_FROM ? lengthOf(text) : 0);
  if (left > LIMIT - WARN_FROM) return { words: '', isOver: false };
  return left >= 0 ? { words: `${left} left`, isOver: false } : { words: `${plural(-left, 'character')} too many`, isOver: true };
}
