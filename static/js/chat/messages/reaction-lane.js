/**
 * Reactions on their way: settings, of which the last wins. They need no order, neither among each other nor with
 * messages, and their answer may take a second: so none waits for another, and no message for them.
 *
 * A part of the outbox, as pure as that (see outbox.js).
 *
 * @typedef {import('../types.js').Draft} Draft
 * @typedef {import('../types.js').Refusal} Refusal
 * @typedef {import('./entries.js').Entry} Entry
 * @typedef {import('./outbox-words.js').OutboxAction} OutboxAction
 * @typedef {Entry & {sentOn?: boolean}} Reaction  `sentOn`: what the one that is on its way says
 */

import { OneTimer } from '../timing/one-timer.js';
import { entryOf } from './entries.js';
import { retryMs } from '../timing/retry.js';

export class ReactionLane {
  /** @type {Reaction[]} */
  entries = [];
  /** @type {import('../types.js').User | null} */
  user = null;
  #isReady = false;
  #refusalsInARow = 0;
  #timer = new OneTimer(/** @type {const} */ ('react'));

  /** @param {string} clientId */
  find(clientId) {
    return this.entries.find((entry) => entry.client_id === clientId);
  }

  /** @param {Draft[]} drafts */
  restore(drafts) {
    const fresh = drafts.filter(({ client_id }) => !this.find(client_id)).map((draft) => entryOf(draft, true));
    this.entries.unshift(...fresh);
    return this.#sendAll();
  }

  /** @param {Draft} draft @returns {OutboxAction[]} */
  put(draft) {
    const known = this.entries.find((entry) => this.#isOwn(entry) && isSame(entry, draft));
    const entry = known ?? entryOf({ ...draft, author: this.user ?? undefined }, false);
    if (known) Object.assign(known, { on: draft.on, put_at: draft.put_at });
    else this.entries.push(entry);
    return [{ do: 'store', client_id: entry.client_id }, ...this.#sendAll()];
  }

  /** @param {import('../types.js').User} user */
  become(user) {
    this.user = user;
    for (const entry of this.entries) entry.author ??= user;
    return this.#sendAll();
  }

  ready() {
    this.#isReady = true;
    return this.#sendAll();
  }

  /** @returns {OutboxAction[]} */
  closed() {
    this.#isReady = false;
    for (const entry of this.entries) entry.state = 'waiting';
    return this.#timer.cancel();
  }

  rang() {
    this.#timer.rang();
    return this.#sendAll();
  }

  /**
   * @param {Reaction} entry
   * @param {number | undefined} seq nothing: nothing has changed
   * @returns {OutboxAction[]}
   */
  stored(entry, seq) {
    this.#refusalsInARow = 0;
    entry.state = 'waiting';
    if (entry.sentOn !== entry.on) return this.#sendAll();
    const { client_id } = entry;
    this.#remove(entry);
    return [{ do: 'forget', client_id }, { do: 'sent', client_id, ...(seq === undefined ? {} : { seq }) }];
  }

  /**
   * @param {Reaction} entry
   * @param {Refusal} refusal
   * @returns {OutboxAction[]}
   */
  refused(entry, refusal) {
    const { client_id } = entry;
    entry.state = 'waiting';
    if (refusal.retryable) return this.#waitToRetry(refusal.retry_after_ms);
    this.#remove(entry);
    return [{ do: 'forget', client_id }, { do: 'refused', client_id, code: refusal.code }];
  }

  /** All of them wait, whichever was refused. @param {number | undefined} retryAfterMs @returns {OutboxAction[]} */
  #waitToRetry(retryAfterMs) {
    if (this.#timer.isRunning) return [];
    const ms = retryAfterMs ?? retryMs(this.#refusalsInARow);
    this.#refusalsInARow += 1;
    return this.#timer.start(ms);
  }

  /** @param {Reaction} entry */
  #remove(entry) {
    this.entries = this.entries.filter((other) => other !== entry);
  }

  /** @returns {OutboxAction[]} */
  #sendAll() {
    if (!this.#isReady || this.#timer.isRunning) return [];
    const waiting = this.entries.filter((entry) => entry.state === 'waiting' && this.#isOwn(entry));
    return waiting.map((entry) => {
      const { client_id, target, emoji, on } = entry;
      Object.assign(entry, { state: 'sending', sentOn: on });
      return /** @type {OutboxAction} */ ({ do: 'send', kind: 'react', client_id, target, emoji, on });
    });
  }

  /** @param {Reaction} entry */
  #isOwn({ author }) {
    return !this.user || !author || author.id === this.user.id;
  }
}

/**
 * @param {Draft} one
 * @param {Draft} other
 */
function isSame(one, other) {
  return one.target?.seq === other.target?.seq && one.target?.id === other.target?.id && one.emoji === other.emoji;
}
