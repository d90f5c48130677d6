/**
 * What one copies of the list are its texts: no hidden names, no times, no buttons. Where several people spoke, each
 * message says who and when, on a line like “Ben 10:58: hello”. A whole text is copied as it was typed, a part of one as it is
 * shown.
 *
 * @typedef {{author: string, ts: number, text: string}} Copied
 */

import { shownText } from '../form/form-nodes.js';

/**
 * @param {Copied[]} messages
 * @param {(ts: number) => string} timeOf
 */
export function copiedText(messages, timeOf) {
  const isOnes = new Set(messages.map(({ author }) => author)).size === 1;
  return messages.map(({ author, ts, text }) => (isOnes ? text : `${author} ${timeOf(ts)}: ${text}`)).join('\n');
}

/**
 * Within one text without markup the browser copies by itself.
 *
 * @param {HTMLElement} box
 * @param {(ts: number) => string} timeOf
 */
export function copyTexts(box, timeOf) {
  document.addEventListener('copy', (event) => {
    const selection = getSelection();
    if (!selection || selection.rangeCount === 0 || isWriting()) return;
    const ranges = Array.from({ length: selection.rangeCount }, (_, index) => selection.getRangeAt(index));
    const messages = [...box.querySelectorAll('.message')].flatMap((row) => copiedOf(row, ranges));
    if (messages.length === 0 || ranges.every(isWithinText)) return;
    event.clipboardData?.setData('text/plain', copiedText(messages, timeOf));
    event.preventDefault();
  });
}

function isWriting() {
  return document.activeElement?.matches('input, textarea') ?? false;
}

/** @param {Range} range */
function isWithinText({ commonAncestorContainer: where }) {
  const text = (where instanceof Element ? where : where.parentElement)?.closest('.message-text');
  return text?.querySelector('[hidden]') === null;
}

/**
 * @param {Element} row
 * @param {Range[]} ranges
 * @returns {Copied[]} none or one
 */
function copiedOf(row, ranges) {
  const [shown, author, time] = ['.message-text', 'bdi', 'time'].map((part) => row.querySelector(part));
  const text = shown ? ranges.map((range) => textWithin(shown, range)).join('') : '';
  if (text === '' || !(time instanceof HTMLTimeElement)) return [];
  return [{ author: author?.textContent ?? '', ts: Date.parse(time.dateTime), text }];
}

/**
 * @param {Element} shown
 * @param {Range} range
 */
function textWithin(shown, range) {
  if (!range.intersectsNode(shown)) return '';
  const part = new Range();
  part.selectNodeContents(shown);
  if (range.compareBoundaryPoints(Range.START_TO_START, part) > 0) part.setStart(range.startContainer, range.startOffset);
  if (range.compareBoundaryPoints(Range.END_TO_END, part) < 0) part.setEnd(range.endContainer, range.endOffset);
  const seen = shownText(part.cloneContents());
  return seen.trim() === shownText(shown).trim() ? (shown.textContent ?? '') : seen;
}
