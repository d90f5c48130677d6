/**
 * A machine's timer: it knows whether it runs, and says what its driver has to do about it.
 *
 * @template {string} Name
 * @typedef {{do: 'timer', name: Name, ms: number} | {do: 'cancel', name: Name}} TimerAction
 */

/** @template {string} Name */
export class OneTimer {
  isRunning = false;

  /** @param {Name} name */
  constructor(name) {
    this.name = name;
  }

  /** @param {number} ms @returns {TimerAction<Name>[]} */
  start(ms) {
    this.isRunning = true;
    return [{ do: 'timer', name: this.name, ms }];
  }

  /** @returns {TimerAction<Name>[]} */
  cancel() {
    if (!this.isRunning) return [];
    this.isRunning = false;
    return [{ do: 'cancel', name: this.name }];
  }

  rang() {
    this.isRunning = false;
  }
}
