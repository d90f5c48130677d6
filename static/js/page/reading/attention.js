/**
 * Whether somebody is really reading: the page is in front, and they have done something since it was
 * opened or they came back to it. A page that was left open on a desk reads nothing.
 */

import { isLookedAt } from './unread.js';

const ACTS = ['pointerdown', 'pointermove', 'wheel', 'touchstart', 'touchmove', 'keydown'];

export class Attention {
  #hasActed = false;
  /** The page was hidden, and nothing was done there since. */
  isAway = false;

  /** @param {{onChange: () => void}} ports */
  constructor({ onChange }) {
    this.onChange = onChange;
    for (const act of ACTS) window.addEventListener(act, (event) => this.#heard(event), { capture: true, passive: true });
    window.addEventListener('blur', () => this.#left({ isAway: this.isAway }));
    document.addEventListener('visibilitychange', () => document.visibilityState !== 'visible' && this.#left({ isAway: true }));
  }

  get isReading() {
    return this.#hasActed && isLookedAt();
  }

  /** The person did something: also what no event tells by itself, like scrolling through a screen reader. */
  act() {
    if (this.#hasActed) return;
    this.#hasActed = true;
    this.isAway = false;
    this.onChange();
  }

  /** @param {Event} event */
  #heard(event) {
    // A browser tells of a pointer that rests, too, when what is below it moves.
    const isStill = event.type === 'pointermove' && event instanceof MouseEvent && event.movementX === 0 && event.movementY === 0;
    if (!isStill) this.act();
  }

  /** @param {{isAway: boolean}} how */
  #left({ isAway }) {
    this.#hasActed = false;
    this.isAway = isAway;
  }
}
