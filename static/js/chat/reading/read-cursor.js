/**
 * How far one has read in a room: it only moves forward, on all of one's devices together.
 *
 * What is read here is told after half a second, so that scrolling through a page is one message.
 */

import { NamedTimers } from '../timing/named-timers.js';

const TELL_AFTER_MS = 500;

export class ReadCursor {
  seq = 0;
  /** @type {import('../types.js').Hears} */
  hears = { read: ({ seq }) => this.heard(seq) };
  #told = 0;
  #timers;

  /**
   * @param {{timers: import('../types.js').Timers, tell: (seq: number) => void, onChange: () => void}} ports
   */
  constructor({ timers, tell, onChange }) {
    this.#timers = new NamedTimers(timers);
    this.tell = tell;
    this.onChange = onChange;
  }

  /** Read on this device. @param {number} seq */
  advance(seq) {
    if (seq <= this.seq) return;
    this.#move(seq);
    if (!this.#timers.isRunning('tell')) this.#timers.start('tell', TELL_AFTER_MS, () => this.tellNow());
  }

  /** What the server knows: another device, or the join. @param {number | null} seq */
  heard(seq) {
    this.#told = Math.max(this.#told, seq ?? 0);
    if (this.#told > this.seq) this.#move(this.#told);
  }

  /** After a join: what was read while there was no connection. */
  resume() {
    this.tellNow();
  }

  /** The log begins anew: the old numbers mean nothing. */
  reset() {
    this.seq = 0;
    this.#told = 0;
  }

  /** Without waiting for more to be read. */
  tellNow() {
    if (this.seq <= this.#told) return;
    this.#told = this.seq;
    this.tell(this.seq);
  }

  /** @param {number} seq */
  #move(seq) {
    this.seq = seq;
    this.onChange();
  }
}
