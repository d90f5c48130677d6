/** What went wrong, said once and gone again: after a while, or when it is so no longer. A screen reader hears it at once. */

import { part } from '../dom/element.js';

const FOR_MS = 7_000;

export class Toast {
  #box = part('alert', HTMLElement);
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #going;

  /** @param {string} words @returns {() => void} takes them back, if they are still said */
  show(words) {
    clearTimeout(this.#going);
    this.#box.textContent = words;
    const going = (this.#going = setTimeout(() => (this.#box.textContent = ''), FOR_MS));
    return () => {
      if (going === this.#going) this.#box.textContent = '';
    };
  }
}
