/**
 * Runs the timers that a machine asks for by name: at most one of each.
 *
 * @typedef {import('../types.js').Timers} Timers
 */
export class NamedTimers {
  /** @type {Map<string, unknown>} */
  #running = new Map();

  /** @param {Timers} timers */
  constructor(timers) {
    this.timers = timers;
  }

  /**
   * @param {string} name
   * @param {number} ms
   * @param {() => void} ring
   */
  start(name, ms, ring) {
    this.cancel(name);
    const timer = this.timers.start(ms, () => {
      this.#running.delete(name);
      ring();
    });
    this.#running.set(name, timer);
  }

  /** @param {string} name */
  cancel(name) {
    if (!this.#running.has(name)) return;
    this.timers.stop(this.#running.get(name));
    this.#running.delete(name);
  }

  /** @param {string} name */
  isRunning(name) {
    return this.#running.has(name);
  }

  cancelAll() {
    for (const name of [...this.#running.keys()]) this.cancel(name);
  }
}
