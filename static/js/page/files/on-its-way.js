/** How far a file of one's own has come, over its picture or beside its name, and a way not to send it. */

import { element } from '../dom/element.js';
import { icon } from '../dom/icon.js';

const CROSS = 'm6 6 8 8M14 6l-8 8';

export class OnItsWay {
  /**
   * @param {import('../../chat/types.js').Upload} upload
   * @param {{sent: number, onRemove: () => void}} how `sent`: bytes
   */
  constructor({ name, size }, { sent, onRemove }) {
    this.bar = element('progress', { class: 'way-bar', max: size, value: sent, 'aria-label': `${name}: sent so far` });
    this.remove = element('button', { type: 'button', class: 'way-remove', tabindex: -1, 'aria-label': `Do not send ${name}`, title: 'Do not send' }, icon(CROSS));
    this.remove.addEventListener('click', onRemove);
    this.element = element('span', { class: 'way', 'data-testid': 'file-on-its-way' }, this.bar, this.remove);
  }

  /** @param {number} bytes */
  went(bytes) {
    this.bar.value = bytes;
  }

  /** While the message itself is on its way nothing can be left out. @param {string} state of the message */
  becomes(state) {
    this.remove.hidden = state === 'sending';
    this.bar.hidden = state !== 'waiting' && state !== 'sending';
  }
}
