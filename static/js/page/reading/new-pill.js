/** “3 new messages”: what came while one was reading further up, and the way there; or the way back to the newest. */

import { part, setText } from '../dom/element.js';
import { plural } from '../text/times.js';

export class NewPill {
  #pill = part('new-pill', HTMLButtonElement);

  /** @param {() => void} onClick */
  constructor(onClick) {
    this.#pill.addEventListener('click', onClick);
  }

  /** @param {{count: number, isFar: boolean}} what  `isFar`: the newest is more than a screen away */
  show({ count, isFar }) {
    this.#pill.hidden = count === 0 && !isFar;
    setText(this.#pill, count === 0 ? 'Jump to newest ↓' : `${plural(count, 'new message')} ↓`);
    this.#pill.toggleAttribute('data-quiet', count === 0);
  }
}
