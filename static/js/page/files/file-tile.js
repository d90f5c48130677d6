/** A file that is neither shown nor played: what it is, how large it is, and a link by which it is kept. */

import { element, properName } from '../dom/element.js';
import { icon } from '../dom/icon.js';
import { takeAway } from '../dom/take-away.js';
import { sizeInWords } from './size-words.js';
import { iconOf } from './file-icons.js';

/** @typedef {import('../../chat/types.js').Upload} Upload */

/**
 * @param {Upload} upload
 * @param {import('./source.js').Source} source
 */
export function fileTile(upload, source) {
  const { name, size, type } = upload;
  const drawn = element('span', { class: 'file-icon' }, icon(iconOf(type)));
  const words = element(
    'span', { class: 'file-words' }, properName(name, { class: 'file-name', title: name }), element('span', { class: 'file-size' }, sizeInWords(size)),
  );
  const link = linkTo(upload, source, hidden('Download '), drawn, words);
  link.element.classList.add('file-card');
  return { element: element('div', { class: 'file-tile', 'data-testid': 'message-file' }, link.element), show: link.show };
}

/**
 * @param {Upload} upload
 * @param {import('./source.js').Source} source
 * @param {...(Node | string)} children in words, what it does and to which file
 */
export function linkTo({ name }, source, ...children) {
  const link = element('a', { class: 'file-link', download: name, tabindex: -1 }, ...children);
  const show = (/** @type {Upload} */ upload) => {
    source.upload = upload;
    source.whenKnown(() => (link.href = source.local ?? source.remote()));
  };
  link.addEventListener('click', (event) => void refuseGone(event, link, source));
  return { element: link, show };
}

/** For who does not see it. @param {string} words */
export function hidden(words) {
  return element('span', { class: 'visually-hidden' }, words);
}

/**
 * What is gone is said in its place, instead of a page that the browser would show.
 *
 * @param {MouseEvent} event
 * @param {HTMLAnchorElement} link
 * @param {import('./source.js').Source} source
 */
async function refuseGone(event, link, source) {
  if (source.local || link.dataset.isThere !== undefined) return void delete link.dataset.isThere;
  event.preventDefault();
  if (await source.isGone()) {
    takeAway(link, element('p', { class: 'file-gone', 'data-testid': 'file-gone' }, 'This file is not there any more.'));
    return;
  }
  source.whenKnown(() => {
    link.href = source.remote();
    link.dataset.isThere = '';
    link.click();
  });
}
