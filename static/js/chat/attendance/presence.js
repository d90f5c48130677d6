/**
 * Who is here, merged from numbered changes.
 *
 * Every list carries `v = [epoch, n]`. The next number is merged, an old one dropped, and a jump
 * is never guessed over: the whole list is asked for, and what came meanwhile is merged after it.
 */

import { OneTimer } from '../timing/one-timer.js';

const ASK_AGAIN_MS = 1_000;

/**
 * @typedef {import('../types.js').PresenceVersion} PresenceVersion
 * @typedef {import('../types.js').PresenceEvent} PresenceEvent
 * @typedef {import('../types.js').PresenceAck} PresenceAck
 * @typedef {import('../types.js').User} User
 * @typedef {{do: 'join_ack', presence: PresenceAck} | {do: 'event', event: PresenceEvent}
 *   | {do: 'ack', ack: PresenceAck} | {do: 'ask_failed'} | {do: 'timer', name: 'ask'}
 *   | {do: 'closed'}} PresenceInput
 * @typedef {{do: 'ask'} | import('../timing/one-timer.js').TimerAction<'ask'>} PresenceAction
 */

export class Presence {
  /** @type {PresenceVersion | null} */
  v = null;
  count = 0;
  /** @type {Map<string, User>} */
  #users = new Map();
  /** @type {PresenceEvent[]} */
  #kept = [];
  #isAsking = false;
  #timer = new OneTimer(/** @type {const} */ ('ask'));

  /** @returns {User[]} */
  get users() {
    return [...this.#users.values()];
  }

  /** In a crowd the server names nobody, and those one has are of before. */
  get hasNames() {
    return this.count <= this.#users.size;
  }

  /**
   * @param {PresenceInput} input
   * @returns {PresenceAction[]}
   */
  handle(input) {
    switch (input.do) {
      case 'join_ack':
        return this.#afresh(input.presence);
      case 'event':
        return this.#change(input.event);
      case 'ack':
        return this.#answered(input.ack);
      case 'ask_failed':
        return this.#isAsking ? this.#timer.start(ASK_AGAIN_MS) : [];
      case 'timer':
        this.#timer.rang();
        return [{ do: 'ask' }];
      case 'closed':
        return this.#forget();
    }
  }

  /** @param {PresenceAck} presence */
  #afresh(presence) {
    const actions = this.#forget();
    this.#replace(presence.v, presence.users, presence.count);
    return actions;
  }

  /**
   * @param {PresenceEvent} event
   * @returns {PresenceAction[]}
   */
  #change(event) {
    if (this.v === null || compare(event.v, this.v) <= 0) return [];
    if (event.full) {
      this.#replace(event.v, event.full, event.count);
      return this.#mergeKept();
    }
    this.#kept.push(event);
    return this.#mergeKept();
  }

  /**
   * @param {PresenceAck} ack
   * @returns {PresenceAction[]}
   */
  #answered(ack) {
    if (!this.#isAsking) return [];
    this.#isAsking = false;
    if (this.v === null || compare(ack.v, this.v) >= 0) this.#replace(ack.v, ack.users, ack.count);
    return this.#mergeKept();
  }

  /** @returns {PresenceAction[]} */
  #mergeKept() {
    this.#kept.sort((a, b) => compare(a.v, b.v));
    while (this.#kept.length > 0) {
      const next = this.#kept[0];
      if (!this.#isOld(next) && !this.#follows(next)) break;
      this.#kept.shift();
      if (!this.#isOld(next)) this.#merge(next);
    }
    if (this.#kept.length === 0 || this.#isAsking) return [];
    this.#isAsking = true;
    return [{ do: 'ask' }];
  }

  /** @param {PresenceEvent} event */
  #isOld(event) {
    return this.v !== null && compare(event.v, this.v) <= 0;
  }

  /** @param {PresenceEvent} event */
  #follows(event) {
    return this.v !== null && event.v[0] === this.v[0] && event.v[1] === this.v[1] + 1;
  }

  /** @param {PresenceEvent} event */
  #merge(event) {
    for (const user of event.left ?? []) this.#users.delete(user.id);
    for (const user of [...(event.joined ?? []), ...(event.changed ?? [])]) this.#users.set(user.id, user);
    this.v = event.v;
    this.count = event.count;
  }

  /**
   * @param {PresenceVersion} v
   * @param {User[]} users
   * @param {number} count
   */
  #replace(v, users, count) {
    this.v = v;
    this.count = count;
    this.#users = new Map(users.map((user) => [user.id, user]));
  }

  #forget() {
    this.#kept = [];
    this.#isAsking = false;
    return this.#timer.cancel();
  }
}

/**
 * @param {PresenceVersion} a
 * @param {PresenceVersion} b
 */
function compare(a, b) {
  return a[0] - b[0] || a[1] - b[1];
}
