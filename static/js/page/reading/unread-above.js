/** The way up to the first message that is new, while it is above the screen and was not seen. */

import { part } from '../dom/element.js';

export class UnreadAbove {
  #button = part('unread-above', HTMLButtonElement);

  /** @param {() => void} onClick */
  constructor(onClick) {
    this.#button.addEventListener('click', onClick);
  }

  /** @param {boolean} isShown */
  show(isShown) {
    this.#button.hidden = !isShown;
  }
}
