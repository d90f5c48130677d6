/**
 * What is to be done in the tray, one after the other, which is loaded with the first. What could not be done, because it did not come,
 * is not forgotten: it is done with the next, or when one sends.
 *
 * @template Tray
 */
export class TrayQueue {
  /** @type {((tray: Tray) => unknown)[]} */
  #asked = [];
  #going = Promise.resolve();
  /** @type {Tray | null} */
  tray = null;

  /** @param {{load: () => Promise<Tray>, onProblem: () => unknown}} ports `onProblem`: it did not come */
  constructor(ports) {
    this.ports = ports;
  }

  /** Whether nothing is left to be done. */
  get isDone() {
    return this.#asked.length === 0;
  }

  /** @param {(tray: Tray) => unknown} work @returns {Promise<boolean>} whether nothing is left */
  do(work) {
    this.#asked.push(work);
    return this.finish();
  }

  /** @returns {Promise<boolean>} whether nothing is left */
  async finish() {
    this.#going = this.#going.then(() => this.#go());
    await this.#going;
    return this.isDone;
  }

  async #go() {
    if (this.isDone) return;
    try {
      this.tray ??= await this.ports.load();
    } catch {
      return void this.ports.onProblem();
    }
    for (let [work] = this.#asked; work; [work] = this.#asked) {
      await work(this.tray);
      this.#asked.shift();
    }
  }
}
