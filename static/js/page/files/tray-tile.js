/** A file that is about to be sent, or to be left out. */

import { element, properName } from '../dom/element.js';
import { icon } from '../dom/icon.js';
import { sizeInWords } from './size-words.js';
import { iconOf } from './file-icons.js';

const CROSS = 'm6 6 8 8M14 6l-8 8';

/**
 * @param {{name: string, size: number, type: string, onRemove: () => void, onDescribe?: () => void}} file
 * @returns {HTMLElement}
 */
export function tileOf({ name, size, type, onRemove, onDescribe }) {
  const remove = element('button', { type: 'button', class: 'tray-remove', 'aria-label': `Remove ${name}`, title: 'Remove' }, icon(CROSS));
  remove.addEventListener('click', onRemove);
  const words = element(
    'span', { class: 'tray-words' }, properName(name, { class: 'tray-name', title: name }), element('span', { class: 'tray-size' }, sizeInWords(size)),
  );
  const about = type.startsWith('image/') && onDescribe ? [describer(name, onDescribe)] : [];
  return element('li', { class: 'tray-file', 'data-testid': 'tray-file' }, element('span', { class: 'tray-picture' }, icon(iconOf(type))), words, ...about, remove);
}

/**
 * @param {string} name
 * @param {() => void} onDescribe
 */
function describer(name, onDescribe) {
  const button = element('button', { type: 'button', class: 'link-button tray-describe', 'aria-label': `Describe ${name}` }, 'Describe');
  button.addEventListener('click', onDescribe);
  return button;
}
