/**
 * What time it is for the server.
 *
 * A phone's clock may be minutes off; times and the age of rows are told by the server's. Half the
 * way there and back is the error, so the quickest answer is kept.
 */
export class ServerClock {
  #offset = 0;
  #roundTrip = Infinity;

  /** @param {import('../types.js').Clock} clock */
  constructor(clock) {
    this.clock = clock;
  }

  now() {
    return this.fromOwn(this.clock());
  }

  /** What the server's clock showed when one's own showed this. @param {number} own */
  fromOwn(own) {
    return own + this.#offset;
  }

  /**
   * A time that came unasked: good until a better one is known.
   *
   * @param {number} serverTime
   * @param {number} [cameAt] by the own clock; now
   */
  hear(serverTime, cameAt = this.clock()) {
    if (this.#roundTrip === Infinity) this.#offset = serverTime - cameAt;
  }

  /**
   * @param {number} serverTime
   * @param {number} askedAt by the own clock
   */
  answer(serverTime, askedAt) {
    const roundTrip = this.clock() - askedAt;
    if (roundTrip > this.#roundTrip) return;
    this.#roundTrip = roundTrip;
    this.#offset = serverTime + roundTrip / 2 - this.clock();
  }
}
