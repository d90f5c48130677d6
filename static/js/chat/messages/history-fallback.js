/**
 * A room can be read without a socket: where none comes about, its newest page is fetched over HTTP, and again
 * after each attempt that fails. The first join goes on from there, and ends it; whoever joins in time never
 * fetches anything.
 */

import { NamedTimers } from '../timing/named-timers.js';

const PATIENCE_MS = 3_000;

export class HistoryFallback {
  /** @type {number | null} */
  #readAt = null;
  #isReading = false;
  #timers;

  /**
   * @param {{connection: import('../connection/connection.js').Connection, timers: import('../types.js').Timers,
   *   serverClock: import('../timing/server-clock.js').ServerClock, logLink: import('./log-link.js').LogLink, retentionMs: number}} ports
   */
  constructor({ connection, timers, serverClock, logLink, retentionMs }) {
    this.serverClock = serverClock;
    this.logLink = logLink;
    this.retentionMs = retentionMs;
    this.#timers = new NamedTimers(timers);
    connection.on('status', ({ state }) => {
      if (state === 'waiting') this.#read();
      if (state === 'connecting') this.#timers.start('patience', PATIENCE_MS, () => this.#read());
    });
  }

  /** Of when is what one sees, by the server's clock; nothing: the room was joined, or nothing is shown. */
  get asOf() {
    return this.logLink.log.wasJoined ? null : this.#readAt;
  }

  async #read() {
    this.#timers.cancel('patience');
    if (this.logLink.log.wasJoined || this.#isReading) return;
    this.#isReading = true;
    if (await this.logLink.read(this.retentionMs)) this.#readAt = this.serverClock.now();
    this.#isReading = false;
  }
}
