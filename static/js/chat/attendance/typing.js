/**
 * Who is writing, and saying that oneself is.
 *
 * The server sends the whole set, each time with how long it is good for, so that nothing sticks.
 * One's own writing is said at most every three seconds, which is what the server takes.
 */

import { NamedTimers } from '../timing/named-timers.js';

const SAY_AGAIN_MS = 3_000;

/** @typedef {import('../types.js').User} User */

export class Typing {
  /** @type {User[]} everybody but oneself */
  users = [];
  /** @type {import('../types.js').Hears} */
  hears = { typing: (event) => this.#heard(event) };
  /** Whether the server has been told that one writes. */
  #isSaid = false;
  /** A key was pressed too early to say so again. */
  #isDue = false;
  #timers;

  /**
   * @param {{timers: import('../types.js').Timers, me: () => string, say: (on: boolean) => void, onChange: () => void}} ports
   */
  constructor({ timers, me, say, onChange }) {
    this.#timers = new NamedTimers(timers);
    this.me = me;
    this.say = say;
    this.onChange = onChange;
  }

  /** @param {import('../types.js').TypingEvent} event */
  #heard({ users, ttl_ms }) {
    this.#show(users.filter((user) => user.id !== this.me()));
    this.#timers.start('heard', ttl_ms, () => this.#show([]));
  }

  /** Whoever has just sent is not writing any more, whatever was said last. @param {string} userId */
  sent(userId) {
    if (this.users.some((user) => user.id === userId)) this.#show(this.users.filter((user) => user.id !== userId));
  }

  /** A key was pressed, and there is text. */
  write() {
    this.#isDue = true;
    if (!this.#timers.isRunning('said')) this.#sayOn();
  }

  #sayOn() {
    if (!this.#isDue) return;
    this.#isDue = false;
    this.#isSaid = true;
    this.say(true);
    this.#timers.start('said', SAY_AGAIN_MS, () => this.#sayOn());
  }

  /** The composer is empty again. */
  rest() {
    this.#isDue = false;
    if (!this.#isSaid) return;
    this.#isSaid = false;
    this.say(false);
  }

  closed() {
    this.#timers.cancelAll();
    this.#isDue = false;
    this.#isSaid = false;
    this.#show([]);
  }

  /** @param {User[]} users */
  #show(users) {
    if (users.length === 0 && this.users.length === 0) return;
    this.users = users;
    this.onChange();
  }
}
