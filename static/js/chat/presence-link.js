/** Carries the presence machine's question to the connection, and the answer back. */

import { NamedTimers } from './named-timers.js';
import { Presence } from './presence.js';

/** @typedef {import('./presence.js').PresenceInput} PresenceInput */

export class PresenceLink {
  presence = new Presence();
  #timers;

  /**
   * @param {{room: string, connection: import('./connection.js').Connection,
   *   timers: import('./types.js').Timers, onChange: () => void}} ports
   */
  constructor({ room, connection, timers, onChange }) {
    this.room = room;
    this.connection = connection;
    this.onChange = onChange;
    this.#timers = new NamedTimers(timers);
  }

  /** @param {PresenceInput} input */
  handle(input) {
    for (const action of this.presence.handle(input)) {
      if (action.do === 'ask') this.#ask();
      if (action.do === 'cancel') this.#timers.cancel(action.name);
      if (action.do === 'timer') this.#timers.start(action.name, action.ms, () => this.handle({ do: 'timer', name: 'ask' }));
    }
    this.onChange();
  }

  async #ask() {
    const ack = await this.connection.request('presence', { room: this.room });
    this.handle(ack.ok ? { do: 'ack', ack } : { do: 'ask_failed' });
  }
}
