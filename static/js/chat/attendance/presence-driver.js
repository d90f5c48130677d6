/**
 * Drives presence: its question goes to the connection, the answer back; and tells who came and who went
 * while one was here oneself.
 *
 * @typedef {import('./presence.js').PresenceInput} PresenceInput
 * @typedef {import('../types.js').User} User
 */

import { NamedTimers } from '../timing/named-timers.js';
import { movedBetween } from './moved.js';
import { Presence } from './presence.js';

export class PresenceDriver {
  presence = new Presence();
  /** @type {import('../types.js').Hears} */
  hears = { presence: (event) => this.handle({ do: 'event', event }) };
  #timers;

  /**
   * @param {{room: string, connection: import('../connection/connection.js').Connection, timers: import('../types.js').Timers,
   *   onChange: () => void, onMoved: (moved: import('./moved.js').Moved) => void}} ports
   */
  constructor({ room, connection, timers, onChange, onMoved }) {
    this.room = room;
    this.connection = connection;
    this.onChange = onChange;
    this.onMoved = onMoved;
    this.#timers = new NamedTimers(timers);
  }

  /** @param {PresenceInput} input */
  handle(input) {
    const before = this.#named();
    for (const action of this.presence.handle(input)) {
      if (action.do === 'ask') this.#ask();
      if (action.do === 'cancel') this.#timers.cancel(action.name);
      if (action.do === 'timer') this.#timers.start(action.name, action.ms, () => this.handle({ do: 'timer', name: 'ask' }));
    }
    this.onChange();
    // What a join brings has happened while one was away.
    if (input.do === 'event' || input.do === 'ack') this.#tellMoved(before, this.#named());
  }

  #named() {
    return this.presence.hasNames ? this.presence.users : null;
  }

  /**
   * @param {User[] | null} before
   * @param {User[] | null} after
   */
  #tellMoved(before, after) {
    const moved = before && after && movedBetween(before, after);
    if (moved) this.onMoved(moved);
  }

  async #ask() {
    const ack = await this.connection.request('presence', { room: this.room });
    this.handle(ack.ok ? { do: 'ack', ack } : { do: 'ask_failed' });
  }
}
