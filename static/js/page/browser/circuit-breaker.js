/**
 * A circuit breaker for what a browser may never answer: a database whose disk hangs, a lock that another tab keeps.
 *
 * What has not answered in time is treated as if there were none, and is not waited for again until it has answered
 * something: one does not lose the same two seconds with every message.
 */

export const TIMEOUT_MS = 2_000;

/** @typedef {{start: (ms: number, ring: () => void) => any, stop: (timer: any) => void}} Timers */

/** @type {Timers} */
const TIMERS = { start: (ms, ring) => setTimeout(ring, ms), stop: (timer) => clearTimeout(timer) };

export class TimedOut extends Error {}

export class CircuitBreaker {
  /** Open: it is not waited for. */
  #isOpen = false;
  #timers;

  /** @param {Timers} timers */
  constructor(timers = TIMERS) {
    this.#timers = timers;
  }

  /**
   * @template T
   * @param {Promise<T>} answer
   * @returns {Promise<T>}
   * @throws {TimedOut}
   */
  async guard(answer) {
    const found = () => void (this.#isOpen = false);
    answer.then(found, found);
    if (this.#isOpen) throw new TimedOut();
    const { promise, stop } = this.#tooLate();
    return Promise.race([answer, promise]).finally(stop);
  }

  #tooLate() {
    /** @type {(why: TimedOut) => void} */
    let reject = () => {};
    const promise = /** @type {Promise<never>} */ (new Promise((_, refuse) => (reject = refuse)));
    const timer = this.#timers.start(TIMEOUT_MS, () => {
      this.#isOpen = true;
      reject(new TimedOut());
    });
    return { promise, stop: () => this.#timers.stop(timer) };
  }
}

/**
 * Done, failed or late: then it goes on.
 *
 * @param {Promise<unknown>} work
 * @returns {Promise<void>}
 */
export async function doneOrLate(work) {
  await new CircuitBreaker().guard(work).catch(() => {});
}
