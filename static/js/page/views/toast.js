/** What went wrong, said once and gone again; a screen reader hears it at once. */

import { part } from '../element.js';

const FOR_MS = 7_000;

export class Toast {
  #box = part('alert', HTMLElement);
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #going;

  /** @param {string} words */
  show(words) {
    clearTimeout(this.#going);
    this.#box.textContent = words;
    this.#going = setTimeout(() => (this.#box.textContent = ''), FOR_MS);
  }
}
