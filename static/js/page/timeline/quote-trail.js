/**
 * From an answer to what it answers, and back: each step is remembered, until one goes on by oneself.
 */

import { part } from '../dom/element.js';

export class QuoteTrail {
  #pill = part('back-pill', HTMLButtonElement);
  /** The answers that one came from. @type {number[]} */
  #from = [];

  /**
   * @param {{open: (seq: number) => void, isVisible: (seq: number) => boolean}} ports  `open`: brings a message onto the
   *   screen, where it stands out
   */
  constructor({ open, isVisible }) {
    this.open = open;
    this.isVisible = isVisible;
    this.#pill.addEventListener('click', () => this.#back());
  }

  get isUnderway() {
    return this.#from.length > 0;
  }

  /**
   * @param {number} from
   * @param {number} to
   */
  follow(from, to) {
    if (!this.isVisible(to)) this.#from.push(from);
    this.#show();
    this.open(to);
  }

  /** Who has scrolled back needs no way there. */
  moved() {
    const from = this.#from.at(-1);
    if (from === undefined || !this.isVisible(from)) return;
    this.#from.pop();
    this.#show();
  }

  forget() {
    this.#from = [];
    this.#show();
  }

  #back() {
    const from = this.#from.pop();
    this.#show();
    if (from !== undefined) this.open(from);
  }

  #show() {
    this.#pill.hidden = !this.isUnderway;
  }
}
