/** “3 new messages”: what came while one was reading further up, and the way there. */

import { part, setText } from '../element.js';
import { plural } from '../times.js';

export class NewPill {
  #pill = part('new-pill', HTMLButtonElement);

  /** @param {() => void} onClick */
  constructor(onClick) {
    this.#pill.addEventListener('click', onClick);
  }

  /** @param {number} count */
  show(count) {
    this.#pill.hidden = count === 0;
    setText(this.#pill, `${plural(count, 'new message')} ↓`);
  }
}
