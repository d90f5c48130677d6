/**
 * Quotes: what a message shows of the one it answers, which follows what becomes of that.
 *
 * @typedef {import('../types.js').LogEvent} LogEvent
 * @typedef {import('../types.js').Quote} Quote
 */

import { isBare, textRevOf } from './changes.js';

const EXCERPT_LENGTH = 140;

/** Firefox before 125 has none. */
const segmenter = 'Segmenter' in Intl ? new Intl.Segmenter(undefined, { granularity: 'grapheme' }) : null;

/** @param {LogEvent} message @returns {Quote} as it would be told now */
export function quoteOf(message) {
  const { seq, user, ts, body } = message;
  if (body.deleted) return { seq, deleted: true };
  const rev = body.edited_seq === undefined ? {} : { rev: body.edited_seq };
  return { seq, user, excerpt: excerptOf(body.content ?? ''), ...filesOf(body.uploads?.length), ts, ...rev };
}

/**
 * @param {Quote} quote
 * @param {LogEvent} change of the quoted message
 * @returns {Quote} the same, if it has seen the change
 */
export function quoteAfter(quote, change) {
  if (isEmpty(quote) || seenBy(quote) >= change.seq || isBare(change) || change.body.gone) return quote;
  if (change.type === 'delete') return { seq: quote.seq, deleted: true };
  if (change.type !== 'edit') return quote;
  return { ...withoutFiles(quote), excerpt: excerptOf(change.body.content ?? ''), ...filesOf(change.body.uploads?.length), rev: textRevOf(change) };
}

/** @param {Quote} quote @returns {Quote} */
function withoutFiles({ files: _, ...quote }) {
  return quote;
}

/** @param {number | undefined} count */
function filesOf(count) {
  return count ? { files: count } : {};
}

/**
 * @param {Quote} quote
 * @param {LogEvent} message the quoted one, as it was read
 * @returns {Quote} the same, if it is as new
 */
export function quoteAsRead(quote, message) {
  const { deleted, edited_seq: rev = message.seq, content = '', uploads } = message.body;
  if (isEmpty(quote) || (!deleted && seenBy(quote) >= rev)) return quote;
  if (deleted) return { seq: quote.seq, deleted: true };
  return { ...withoutFiles(quote), excerpt: excerptOf(content), ...filesOf(uploads?.length), rev };
}

/** @param {Quote} quote */
function seenBy({ seq, rev }) {
  return rev ?? seq;
}

/** Nothing of what it quotes is left. @param {Quote} quote */
export function isEmpty({ deleted, expired }) {
  return deleted === true || expired === true;
}

/** @param {string} text */
function excerptOf(text) {
  if (text.length <= EXCERPT_LENGTH) return text;
  const letters = segmenter ? segmenter.segment(text) : Array.from(text, (segment) => ({ segment }));
  let excerpt = '';
  let length = 0;
  for (const { segment } of letters) {
    if ((length += 1) > EXCERPT_LENGTH) break;
    excerpt += segment;
  }
  return excerpt;
}
