/**
 * A room can be read without a socket: where none comes about, its newest page is fetched over HTTP, and again
 * after each attempt that fails. The first join goes on from there, and ends it; whoever joins in time never
 * fetches anything.
 */

import { NamedTimers } from '../timing/named-timers.js';

const TIMEOUT_MS = 3_000;

export class HistoryFallback {
  /** @type {number | null} */
  #readAt = null;
  #isReading = false;
  #timers;

  /**
   * @param {{connection: import('../connection/connection.js').Connection, timers: import('../types.js').Timers,
   *   serverClock: import('../timing/server-clock.js').ServerClock, logDriver: import('./log-driver.js').LogDriver,
   *   retentionMs: number}} ports
   */
  constructor({ connection, timers, serverClock, logDriver, retentionMs }) {
    this.serverClock = serverClock;
    this.logDriver = logDriver;
    this.retentionMs = retentionMs;
    this.#timers = new NamedTimers(timers);
    connection.on('status', ({ state }) => {
      if (state === 'waiting') this.#read();
      if (state === 'connecting') this.#timers.start('timeout', TIMEOUT_MS, () => this.#read());
    });
  }

  /** Of when is what one sees, by the server's clock; nothing: the room was joined, or nothing is shown. */
  get asOf() {
    return this.logDriver.log.wasJoined ? null : this.#readAt;
  }

  async #read() {
    this.#timers.cancel('timeout');
    if (this.logDriver.log.wasJoined || this.#isReading) return;
    this.#isReading = true;
    if (await this.logDriver.read(this.retentionMs)) this.#readAt = this.serverClock.now();
    this.#isReading = false;
  }
}
