/**
 * Sentences of the page: one language each, and names that keep their own direction.
 *
 * The page speaks English, so what Intl puts into its sentences does too, in the kind of English that the reader is
 * used to. Names may be written from right to left: each is isolated, or it would turn the words around it around.
 *
 * @typedef {{text: string, isName: boolean}} Piece
 */

import { properName } from '../dom/element.js';

const ENGLISH = 'en-GB';
/** First-strong isolate, and its end: where there is text and no markup, they are what `bdi` is elsewhere. */
const [FSI, PDI] = ['\u2068', '\u2069'];

/** @param {string} [reader] what the browser speaks */
export function englishOf(reader = new Intl.DateTimeFormat().resolvedOptions().locale) {
  return /^en\b/.test(reader) ? reader : ENGLISH;
}

/**
 * “Ana, Ben and Cy”
 *
 * @param {{name: string}[]} users
 * @param {string} [reader]
 * @returns {Piece[]}
 */
export function namesOf(users, reader) {
  const list = new Intl.ListFormat(englishOf(reader), { type: 'conjunction' }).formatToParts(users.map((user) => user.name));
  return list.map(({ type, value }) => ({ text: value, isName: type === 'element' }));
}

/** @param {Piece[]} pieces */
export function nodesOf(pieces) {
  return pieces.map(({ text, isName }) => (isName ? properName(text) : text));
}

/** A name within a sentence that has no markup. @param {string} name */
export function isolated(name) {
  return /^[\x20-\x7e]*$/.test(name) ? name : FSI + name + PDI;
}
