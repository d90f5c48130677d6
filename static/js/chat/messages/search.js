/**
 * A search: what is found comes piece by piece, the newest first, and more is asked for by itself until there is a page of it.
 * It goes through one room after the other. An answer to what is not looked for any more is dropped.
 */

import { NamedTimers } from '../timing/named-timers.js';

/** So many are asked for at once: a screen, and some. */
export const FOUND_AT_ONCE = 20;
const AGAIN_MS = 1_000;

/**
 * @typedef {import('../types.js').LogEvent} LogEvent
 * @typedef {import('../types.js').Refusal} Refusal
 * @typedef {'idle' | 'searching' | 'paused' | 'over' | 'refused'} Phase  `paused`: `more` goes on; `over`: all was looked through
 * @typedef {{request: (name: string, payload: Record<string, unknown>) => Promise<any>, timers: import('../types.js').Timers,
 *   onChange: () => void}} SearchPorts
 */

export class Search {
  /** @type {Phase} */
  phase = 'idle';
  /** Room by room, the newest first. @type {LogEvent[]} */
  found = [];
  /** Why it does not go on; while it searches: why it has to wait. @type {Refusal | null} */
  refusal = null;
  /** From here on its room was looked through. Nothing: not begun. @type {number | null} */
  searchedTo = null;
  /** Those that are not done; the first is being looked through. @type {string[]} */
  #rooms = [];
  #query = '';
  #enough = 0;
  #asked = 0;
  #timers;

  /** @param {SearchPorts} ports */
  constructor({ request, timers, onChange }) {
    this.request = request;
    this.onChange = onChange;
    this.#timers = new NamedTimers(timers);
  }

  /** Begins anew. @param {string} query @param {string[]} rooms */
  start(query, rooms) {
    this.#query = query;
    this.#rooms = [...rooms];
    this.found = [];
    this.searchedTo = null;
    this.more();
  }

  /** Another page. */
  more() {
    this.#enough = this.found.length + FOUND_AT_ONCE;
    void this.#ask();
  }

  /** Nobody looks any more. */
  stop() {
    this.#asked += 1;
    this.#timers.cancelAll();
    if (this.phase === 'searching') this.#change('paused');
  }

  /** Back to the beginning, where nothing is looked for. */
  clear() {
    this.stop();
    this.found = [];
    this.searchedTo = null;
    this.#change('idle');
  }

  /** What became of messages since they were found. @param {(found: LogEvent) => LogEvent | null} now nothing: gone */
  update(now) {
    this.found = this.found.map(now).filter((event) => event !== null);
    this.onChange();
  }

  async #ask() {
    this.#timers.cancelAll();
    this.#change('searching', this.refusal);
    const number = (this.#asked += 1);
    const before = this.searchedTo === null ? {} : { before: this.searchedTo };
    const ack = await this.request('search', { room: this.#rooms[0], q: this.#query, limit: FOUND_AT_ONCE, ...before });
    if (number !== this.#asked) return;
    if (ack.ok) this.#came(ack);
    else this.#refused(ack.error);
  }

  /** @param {{events: LogEvent[], searched_to: number, more_before: boolean}} ack */
  #came({ events, searched_to, more_before }) {
    this.refusal = null;
    this.found.push(...events);
    this.searchedTo = searched_to;
    if (!more_before) this.#toNextRoom();
    if (this.#rooms.length === 0) this.#change('over');
    else if (this.found.length >= this.#enough) this.#change('paused');
    else void this.#ask();
  }

  /** @param {Refusal} refusal */
  #refused(refusal) {
    if (refusal.code === 'room_not_found') {
      this.#toNextRoom(); // nobody has said anything in it
      if (this.#rooms.length === 0) this.#change('over');
      else void this.#ask();
    } else if (refusal.retryable) {
      this.#change('searching', refusal);
      this.#timers.start('again', refusal.retry_after_ms ?? AGAIN_MS, () => void this.#ask());
    } else this.#change('refused', refusal);
  }

  #toNextRoom() {
    this.#rooms.shift();
    this.searchedTo = null;
  }

  /** @param {Phase} phase @param {Refusal | null} [refusal] */
  #change(phase, refusal = null) {
    this.phase = phase;
    this.refusal = refusal;
    this.onChange();
  }
}
