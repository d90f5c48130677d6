/**
 * What is there for the one message that one points at or has gone to: its exact time, and a button that copies
 * its link. There is one of them for the whole list: a thousand would make it slow.
 */

import { button, setAttributes } from '../dom/element.js';

const ROW = '.message';
const SAID_MS = 2_500;

/**
 * @typedef {{box: HTMLElement, exactTime: (ts: number) => string, copyMessageLink: (seq: number) => Promise<boolean>}} ToolPorts
 */

export class RowTools {
  #copy = button('Copy link', 'message-copy', () => this.#copyLink());

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
    this.#copy.textContent = 'Copy link';
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
    const row = this.#copy.parentElement;
    if (!row?.dataset.seq || !(await this.copyMessageLink(Number(row.dataset.seq)))) return;
    this.#copy.textContent = 'Link copied';
    setTimeout(() => (this.#copy.textContent = 'Copy link'), SAID_MS);
  }
}
