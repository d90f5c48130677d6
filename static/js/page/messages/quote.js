/**
 * What a message answers: who said it, and the beginning of it on one line, which leads there. The server makes it when the
 * message is read; of what was deleted or has expired it says so.
 *
 * @typedef {import('../../chat/types.js').Quote} Quote
 */

import { element, properName } from '../dom/element.js';
import { quotedWords } from '../text/files-words.js';
import { hashOf } from './message-hash.js';

/** @param {Quote} quote */
export function quoteOf(quote) {
  const gone = goneWords(quote);
  if (gone !== '') return element('p', { class: 'message-quote', 'data-testid': 'message-quote' }, gone);
  const said = element('span', { class: 'message-quote-text', dir: 'auto' }, quotedWords(quote.excerpt ?? '', quote.files ?? 0));
  const author = properName(quote.user?.name ?? '', { class: 'message-quote-author' });
  const words = element('span', { class: 'visually-hidden' }, 'In reply to ');
  return element(
    'a', { class: 'message-quote', 'data-testid': 'message-quote', href: hashOf(quote.seq), tabindex: -1 }, words, author, ' ', said,
  );
}

/** @param {Quote} quote */
export function goneWords({ deleted, expired }) {
  if (deleted) return 'In reply to a message that was deleted';
  return expired ? 'In reply to a message that is too old to be here' : '';
}
