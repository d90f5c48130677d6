/**
 * Joins, leaves and new names in words: “Ana and 3 others joined, Bo left, Cy is now Cyril”.
 *
 * @typedef {import('../text/language.js').Piece} Piece
 */

import { namesOf } from '../text/language.js';

const NAMED = 3;

/**
 * @param {{joined: {name: string}[], left: {name: string}[], renamed: {from: string, user: {name: string}}[]}} moved
 * @param {string} [reader]
 * @returns {Piece[]}
 */
export function joinsPieces({ joined, left, renamed }, reader) {
  const names = renamed.map(({ from, user }) => [name(from), word(' is now '), name(user.name)]);
  const sentences = [sentence(joined, 'joined', reader), sentence(left, 'left', reader), ...names].filter((pieces) => pieces.length > 0);
  return sentences.flatMap((pieces, index) => (index === 0 ? pieces : [word(', '), ...pieces]));
}

/**
 * @param {{name: string}[]} users
 * @param {string} verb
 * @param {string} [reader]
 * @returns {Piece[]}
 */
function sentence(users, verb, reader) {
  if (users.length === 0) return [];
  if (users.length > NAMED) return [name(users[0].name), word(` and ${users.length - 1} others ${verb}`)];
  return [...namesOf(users, reader), word(` ${verb}`)];
}

/** @param {string} text @returns {Piece} */
function name(text) {
  return { text, isName: true };
}

/** @param {string} text @returns {Piece} */
function word(text) {
  return { text, isName: false };
}
