/** What one has written and not sent, in words: “2 messages, 1 draft and 3 chosen files are not sent yet.” */

import { englishOf } from '../text/language.js';
import { plural } from '../text/times.js';

/**
 * @param {import('../storage/unsent.js').Unsent} unsent
 * @param {string} [reader]
 * @returns {string} nothing: there is none
 */
export function unsentWords({ messages, drafts, files }, reader) {
  const kinds = /** @type {[number, string][]} */ ([[messages, 'message'], [drafts, 'draft'], [files, 'chosen file']]);
  const some = kinds.filter(([count]) => count > 0).map(([count, noun]) => plural(count, noun));
  if (some.length === 0) return '';
  const all = new Intl.ListFormat(englishOf(reader), { type: 'conjunction' }).format(some);
  return `${all} ${messages + drafts + files === 1 ? 'is' : 'are'} not sent yet.`;
}
