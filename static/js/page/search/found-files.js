/** What is said of the files of a message that was found. */

import { filesInWords } from '../text/files-words.js';
import { excerptOf } from './excerpt.js';

/**
 * Those whose names, or what they are said to show, were looked for; or else how many there are.
 *
 * @param {{name: string, type: string, alt?: string}[]} uploads
 * @param {string} query
 * @returns {import('./excerpt.js').Piece[]}
 */
export function foundFiles(uploads, query) {
  const said = uploads.flatMap(({ name, alt = '' }) => [name, alt]).map((words) => excerptOf(words, query));
  const found = said.filter((pieces) => pieces.some(({ isHit }) => isHit));
  if (found.length === 0) return [{ text: filesInWords(uploads), isHit: false }];
  return found.flatMap((pieces, place) => (place > 0 ? [{ text: ', ', isHit: false }, ...pieces] : pieces));
}
