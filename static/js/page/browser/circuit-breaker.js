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

export class TimedOut extends Error {
  /** @param {Promise<any>} answer it may come all the same */
  constructor(answer) {
    super();
    this.answer = answer;
  }
}

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
   * @param {number} [moreMs] that it may take
   * @returns {Promise<T>}
   * @throws {TimedOut}
   */
  async guard(answer, moreMs = 0) {
    const found = () => void (this.#isOpen = false);
    answer.then(found, found);
    if (this.#isOpen) throw new TimedOut(answer);
    const { promise, stop } = this.#tooLate(answer, TIMEOUT_MS + moreMs);
    return Promise.race([answer, promise]).finally(stop);
  }

  /** @param {Promise<unknown>} answer @param {number} ms */
  #tooLate(answer, ms) {
    /** @type {(why: TimedOut) => void} */
    let reject = () => {};
    const promise = /** @type {Promise<never>} */ (new Promise((_, refuse) => (reject = refuse)));
    const timer = this.#timers.start(ms, () => {
      this.#isOpen = true;
      reject(new TimedOut(answer));
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

/**
 * However late it comes: for who keeps nobody waiting meanwhile.
 *
 * @template T
 * @param {Promise<T>} guarded
 * @returns {Promise<T>}
 */
export function orLate(guarded) {
  return guarded.catch((error) => {
    if (error instanceof TimedOut) return error.answer;
    throw error;
  });
}
