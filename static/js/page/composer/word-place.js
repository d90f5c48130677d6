/** Where a word of a text field is on the screen, which a browser does not tell: its line is laid out once more, unseen. */

import { element } from '../dom/element.js';

/** Whatever decides where a line breaks. */
const LAID_OUT_BY = /** @type {const} */ ([
  'font', 'letterSpacing', 'wordSpacing', 'tabSize', 'padding', 'border', 'boxSizing', 'textAlign', 'overflowWrap',
]);

/**
 * A field may have lines of several directions, and a word another one than its line.
 *
 * @param {HTMLTextAreaElement} input
 * @param {string} word that ends at the caret
 * @returns {{x: number, isRightToLeft: boolean}} `x`: where the word begins, in px of the window; `isRightToLeft`: it goes to the left from there
 */
export function placeOfWord(input, word) {
  const { mark, copy } = laidOut(input, word);
  document.body.append(copy);
  const [first] = rectsOf(mark, 1);
  const begun = rectsOf(mark, word.length).filter(({ top }) => Math.abs(top - first.top) < 1);
  const middle = (Math.min(...begun.map(({ left }) => left)) + Math.max(...begun.map(({ right }) => right))) / 2;
  const ahead = Math.round(middle - (first.left + first.right) / 2);
  const isRightToLeft = ahead === 0 ? getComputedStyle(copy).direction === 'rtl' : ahead < 0;
  copy.remove();
  return { x: isRightToLeft ? first.right : first.left, isRightToLeft };
}

/**
 * @param {HTMLTextAreaElement} input
 * @param {string} word
 */
function laidOut(input, word) {
  const { value, selectionStart: end } = input;
  const [before, behind] = [value.slice(0, end - word.length), value.slice(end)];
  const mark = document.createTextNode(word);
  const copy = element('div', { 'aria-hidden': 'true', dir: input.dir }, before.slice(before.lastIndexOf('\n') + 1));
  copy.append(mark, behind.split('\n', 1)[0]);
  const style = getComputedStyle(input);
  for (const name of LAID_OUT_BY) copy.style[name] = style[name];
  const { left } = input.getBoundingClientRect();
  Object.assign(copy.style, { position: 'fixed', top: '0', left: `${left}px`, width: `${input.clientWidth}px`, visibility: 'hidden', whiteSpace: 'pre-wrap' });
  return { mark, copy };
}

/** Of each direction one, and of each line. @param {Text} text @param {number} length of its beginning */
function rectsOf(text, length) {
  const range = document.createRange();
  range.setStart(text, 0);
  range.setEnd(text, length);
  return [...range.getClientRects()];
}
