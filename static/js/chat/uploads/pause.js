/** Waits before something is tried again: a little, and less when the network is said to be back. */

export class Pause {
  #isOver = false;
  /** @type {() => void} */
  #wake = () => {};

  /** @param {import('../types.js').Timers} timers */
  constructor(timers) {
    this.timers = timers;
  }

  /** @param {number} ms @returns {Promise<void>} */
  for(ms) {
    return new Promise((resolve) => {
      if (this.#isOver) return resolve();
      const timer = this.timers.start(ms, resolve);
      this.#wake = () => {
        this.timers.stop(timer);
        resolve();
      };
    });
  }

  /** What is waited for may be there. */
  wake() {
    this.#wake();
  }

  /** Nothing is waited for any more. */
  end() {
    this.#isOver = true;
    this.#wake();
  }
}
