/** Where a word of a text field is on the screen, which a browser does not tell: the text is laid out once more, unseen. */

import { element } from '../dom/element.js';

/** Whatever decides where a line breaks. */
const LAID_OUT_BY = /** @type {const} */ ([
  'font', 'letterSpacing', 'wordSpacing', 'textIndent', 'tabSize', 'padding', 'border', 'boxSizing', 'direction', 'textAlign', 'overflowWrap',
]);

/**
 * @param {HTMLTextAreaElement} input
 * @param {number} at of its text, in code units
 * @returns {{x: number, isRightToLeft: boolean}} `x`: where the word begins, in px of the window
 */
export function placeOfWord(input, at) {
  const style = getComputedStyle(input);
  const { left } = input.getBoundingClientRect();
  const mark = element('span', {}, input.value.slice(at) || '\u200b');
  const copy = element('div', { 'aria-hidden': 'true' }, input.value.slice(0, at), mark);
  for (const name of LAID_OUT_BY) copy.style[name] = style[name];
  Object.assign(copy.style, { position: 'fixed', top: '0', left: `${left}px`, width: `${input.clientWidth}px`, visibility: 'hidden', whiteSpace: 'pre-wrap' });
  document.body.append(copy);
  const pieces = [...mark.getClientRects()]; // of each direction one, and of each line
  copy.remove();
  const begun = pieces.filter(({ top }) => Math.abs(top - pieces[0].top) < 1);
  const isRightToLeft = style.direction === 'rtl';
  const x = isRightToLeft ? Math.max(...begun.map(({ right }) => right)) : Math.min(...begun.map((piece) => piece.left));
  return { x, isRightToLeft };
}
