/** Time that moves only when a test says so. */
export class FakeTime {
  now = 1_000_000;
  /** @type {{at: number, ring: () => void}[]} */
  #timers = [];

  clock = () => this.now;

  timers = {
    /** @param {number} ms @param {() => void} ring */
    start: (ms, ring) => {
      const timer = { at: this.now + ms, ring };
      this.#timers.push(timer);
      return timer;
    },
    /** @param {any} timer */
    stop: (timer) => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    },
  };

  /** Everything that is due rings, in order; what was promised meanwhile is kept in between. @param {number} ms */
  async pass(ms) {
    const until = this.now + ms;
    for (;;) {
      await settled();
      const [next] = this.#timers.filter((timer) => timer.at <= until).sort((a, b) => a.at - b.at);
      if (!next) break;
      this.now = next.at;
      this.timers.stop(next);
      next.ring();
    }
    this.now = until;
    await settled();
  }
}

/** All promises that can go on have gone on. */
export function settled() {
  return new Promise((resolve) => setImmediate(resolve));
}
