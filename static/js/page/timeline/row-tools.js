/**
 * What is there for the one message that one points at or has gone to: its exact time, and a button that copies
 * its link. There is one of them for the whole list: a thousand would make it slow.
 */

import { setAttributes, setText } from '../dom/element.js';
import { copyButton } from '../invite/copy-button.js';

const ROW = '.message';
const LABEL = 'Copy link';

/**
 * @typedef {{box: HTMLElement, exactTime: (ts: number) => string, copyMessageLink: (seq: number) => Promise<boolean>}} ToolPorts
 */

export class RowTools {
  #copy = copyButton(LABEL, 'message-copy', () => this.#copyLink());

  /** @param {ToolPorts} ports */
  constructor({ box, exactTime, copyMessageLink }) {
    this.exactTime = exactTime;
    this.copyMessageLink = copyMessageLink;
    this.#copy.dataset.testid = 'copy-message-link';
    for (const event of ['pointerover', 'focusin']) box.addEventListener(event, ({ target }) => this.#show(target));
    box.addEventListener('pointerleave', () => this.#show(document.activeElement));
  }

  /** @param {EventTarget | null} target */
  #show(target) {
    const row = target instanceof Element ? target.closest(ROW) : null;
    if (this.#copy === document.activeElement) return;
    if (!(row instanceof HTMLElement) || !row.dataset.seq) return this.#copy.remove();
    this.#tellTime(row.querySelector('.message-time'));
    // A pointer that rests somewhere is no stop of the Tab key.
    this.#copy.tabIndex = row.contains(document.activeElement) ? 0 : -1;
    if (this.#copy.parentElement === row) return;
    setText(this.#copy, LABEL);
    row.append(this.#copy);
  }

  /** A pointer that rests on it is told by the browser, the keyboard by the style sheet. @param {Element | null} time */
  #tellTime(time) {
    const datetime = time?.querySelector('time')?.dateTime;
    if (!time || !datetime || time.hasAttribute('title')) return;
    const exact = this.exactTime(Date.parse(datetime));
    setAttributes(time, { title: exact, 'data-exact': exact });
  }

  async #copyLink() {
    const seq = this.#copy.parentElement?.dataset.seq;
    return seq !== undefined && this.copyMessageLink(Number(seq));
  }
}
