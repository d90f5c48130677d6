/** Who is writing, in words. Many are not named. */

import { namesOf } from '../text/language.js';

const NAMED = 3;

/**
 * @param {{name: string}[]} users
 * @param {string} [reader]
 * @returns {import('../text/language.js').Piece[]}
 */
export function typingPieces(users, reader) {
  if (users.length === 0) return [];
  if (users.length > NAMED) return [{ text: 'Several people are typing…', isName: false }];
  return [...namesOf(users, reader), { text: ` ${users.length === 1 ? 'is' : 'are'} typing…`, isName: false }];
}
