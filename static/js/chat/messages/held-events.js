/**
 * Events that have come before others that belong in front of them.
 *
 * @typedef {import('../types.js').LogEvent} LogEvent
 * @typedef {{event: LogEvent, mine?: import('../types.js').Mine}} Held  `mine`: of the answer that brought it
 */

import { revOf } from './changes.js';

export class HeldEvents {
  /** @type {Map<number, Held>} */
  #bySeq = new Map();

  get isEmpty() {
    return this.#bySeq.size === 0;
  }

  /** Ascending. */
  get seqs() {
    return [...this.#bySeq.keys()].sort((a, b) => a - b);
  }

  /**
   * Of two states of a message the newer one counts.
   *
   * @param {LogEvent} event
   * @param {Held['mine']} [mine]
   */
  put(event, mine) {
    const known = this.#bySeq.get(event.seq);
    if (!known || revOf(event) >= revOf(known.event)) this.#bySeq.set(event.seq, { event, mine });
  }

  /**
   * The one that follows; what is not needed any more goes.
   *
   * @param {number} last
   * @returns {Held | undefined}
   */
  take(last) {
    for (const seq of this.#bySeq.keys()) if (seq <= last) this.#bySeq.delete(seq);
    const next = this.#bySeq.get(last + 1);
    this.#bySeq.delete(last + 1);
    return next;
  }

  clear() {
    this.#bySeq.clear();
  }
}
