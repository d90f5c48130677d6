/** The parts of a text as nodes of the page. Text goes in as text, and markup that is not shown goes in hidden. */

import { copyText } from '../browser/clipboard.js';
import { button, element, setAttributes, setText } from '../dom/element.js';
import { icon } from '../dom/icon.js';

const COPIED_MS = 2_500;
const [TWO_SHEETS, TICK] = ['M7.5 7.5V4.75c0-.7.55-1.25 1.25-1.25h6.5c.7 0 1.25.55 1.25 1.25v6.5c0 .7-.55 1.25-1.25 1.25H12.5M4.75 7.5h6.5c.7 0 1.25.55 1.25 1.25v6.5c0 .7-.55 1.25-1.25 1.25h-6.5c-.7 0-1.25-.55-1.25-1.25v-6.5c0-.7.55-1.25 1.25-1.25', 'm4.5 10.5 4 4 7-8'];

/**
 * @typedef {import('./link-parts.js').Part} Part
 * @typedef {import('./link-parts.js').FormPart} FormPart
 */

/** @param {Part[]} parts @returns {(Node | string)[]} */
export function formNodes(parts) {
  return parts.map((part) => (typeof part === 'string' ? part : MAKE[part.kind](part)));
}

/** @param {keyof HTMLElementTagNameMap} tag @returns {(part: FormPart) => HTMLElement} */
const as = (tag) => ({ parts }) => element(tag, {}, ...formNodes(parts));

/** @type {Record<import('./link-parts.js').Kind, (part: FormPart) => HTMLElement>} */
const MAKE = {
  mark: ({ parts }) => element('span', { hidden: true }, ...formNodes(parts)),
  bold: as('strong'),
  italic: as('em'),
  strike: as('s'),
  code: as('code'),
  block: codeBlock,
  quote: as('blockquote'),
  bullets: as('ul'),
  numbers: ({ parts, start }) => element('ol', { start: start ?? 1 }, ...formNodes(parts)),
  item: as('li'),
  table: ({ parts }) => element('div', { class: 'form-scroll' }, element('table', { class: 'form-wide', tabindex: -1 }, element('tbody', {}, ...formNodes(parts)))),
  row: as('tr'),
  cell: as('td'),
  link,
  mention: ({ parts }) => element('bdi', { class: 'mention', translate: 'no' }, ...formNodes(parts)),
  ownMention: ({ parts }) => element('bdi', { class: 'mention', translate: 'no', 'data-mine': true }, ...formNodes(parts)),
};

/** An address reads from left to right whatever stands around it; words that lead elsewhere say where. @param {FormPart} part */
function link({ parts, href = '' }) {
  const isAddress = parts.length === 1 && typeof parts[0] === 'string' && /^(?:https?:\/\/|www\.)/i.test(parts[0]);
  return element('a', { href, dir: isAddress && 'ltr', title: isAddress ? null : href, tabindex: -1, target: '_blank', rel: 'noopener noreferrer nofollow' }, ...formNodes(parts));
}

/** @param {FormPart} part */
function codeBlock({ parts }) {
  const code = element('code', { class: 'form-wide', tabindex: -1 }, ...formNodes(parts));
  const copier = button('', 'form-copy', async () => {
    if (!(await copyText(shownText(code).replace(/^\n|\n$/g, '')))) return;
    label(copier, 'Copied');
    setTimeout(() => label(copier, 'Copy code'), COPIED_MS);
  });
  copier.tabIndex = -1;
  label(copier, 'Copy code');
  return element('div', { class: 'form-code' }, element('pre', { class: 'form-scroll', dir: 'ltr' }, code), copier);
}

/** Its name is no text of the message. @param {HTMLElement} copier @param {string} name */
function label(copier, name) {
  setAttributes(copier, { 'aria-label': name, title: name });
  copier.replaceChildren(icon(name === 'Copied' ? TICK : TWO_SHEETS));
}

/** What is shown of a text, with the line breaks between its blocks. @param {Element | DocumentFragment} shown */
export function shownText(shown) {
  const copy = /** @type {Element} */ (shown.cloneNode(true));
  for (const hidden of copy.querySelectorAll('[hidden]')) setText(hidden, (hidden.textContent ?? '').replace(/[^\n]/g, ''));
  return copy.textContent ?? '';
}
