/**
 * “Am I up to date?”, asked every 25 s, and at once when the page is looked at or online again.
 *
 * An unanswered question ends the connection: a socket that says nothing is worse than none,
 * because it looks like a quiet room.
 */

const EVERY_MS = 25_000;
const TIMEOUT_MS = 10_000;
const SHORT_TIMEOUT_MS = 4_000;

/**
 * @typedef {{room: string, head: number}} Behind
 * @typedef {import('../types.js').PingAck} PingAck
 */

export class Heartbeat {
  #timer = /** @type {unknown} */ (null);

  /**
   * @param {{connection: import('./connection.js').Connection, timers: import('../types.js').Timers,
   *   serverClock: import('../timing/server-clock.js').ServerClock, heads: () => Record<string, number>,
   *   onBehind: (behind: Behind) => void}} ports
   */
  constructor({ connection, timers, serverClock, heads, onBehind }) {
    this.connection = connection;
    this.timers = timers;
    this.serverClock = serverClock;
    this.heads = heads;
    this.onBehind = onBehind;
    connection.on('online', (hello) => {
      serverClock.hear(hello.server_time);
      this.#schedule();
    });
    connection.on('lost', () => this.#unschedule());
  }

  /** The page is visible or online again: ask now, and do not wait long. */
  check() {
    if (this.connection.status.state === 'waiting') this.connection.start();
    else if (this.connection.status.state === 'online') this.#beat(SHORT_TIMEOUT_MS);
  }

  #schedule() {
    this.#unschedule();
    this.#timer = this.timers.start(EVERY_MS, () => this.#beat(TIMEOUT_MS));
  }

  #unschedule() {
    if (this.#timer !== null) this.timers.stop(this.#timer);
    this.#timer = null;
  }

  /** @param {number} timeoutMs */
  async #beat(timeoutMs) {
    this.#schedule();
    const askedAt = this.serverClock.clock();
    const ack = await this.connection.request('ping', { t: askedAt, heads: this.heads() }, timeoutMs);
    if (ack.ok) this.#answered(ack, askedAt);
    else if (ack.error.code === 'no_answer') this.connection.drop();
  }

  /**
   * @param {PingAck} ack
   * @param {number} askedAt
   */
  #answered(ack, askedAt) {
    this.serverClock.answer(ack.server_time, askedAt);
    for (const [room, head] of Object.entries(ack.behind ?? {})) this.onBehind({ room, head });
  }
}
