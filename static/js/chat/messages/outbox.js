/**
 * What was written and is not yet known to be stored: first in, first out, one on its way.
 *
 * A pure machine. A message leaves it only when the log has it (by the ack or by one's own event,
 * whichever is first) or when its person discards it. Sending it again is always safe, because its
 * client id stays the same, for the one who wrote it: under another person's name it would be a second
 * message, so one that somebody else has left waits until it is told what to do with it.
 * tests/vectors/README.md states every rule.
 */

import { OneTimer } from '../timing/one-timer.js';

const ACK_MS = 10_000;
const OLD_MS = 3_600_000;
const LOOKUP_SIZE = 100;
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 10_000;
/** Refusals that are about the connection, not about the message. */
const NOT_ABOUT_THE_MESSAGE = new Set(['not_joined', 'unauthorized', 'token_expired']);
/** What waits for its person's answer. */
const ASKED = new Set(['failed', 'old', 'paused']);

/**
 * @typedef {import('../types.js').Draft} Draft
 * @typedef {import('../types.js').Refusal} Refusal
 * @typedef {import('../types.js').User} User
 * @typedef {import('../types.js').LookupAck} LookupAck
 * @typedef {{ok: true, seq: number} | {ok: false, error: Refusal}} SendAck
 * @typedef {Draft & {state: 'waiting' | 'sending' | 'failed' | 'old' | 'paused', isRepeat: boolean,
 *   isUnconfirmed: boolean, refusal: Refusal | null, retryAt: number | null}} Entry
 * @typedef {{now: number} & ({do: 'user', user: User} | {do: 'restore', entries: Draft[]}
 *   | {do: 'put', client_id: string, content: string} | {do: 'ready'} | {do: 'closed'}
 *   | {do: 'ack', client_id: string, ack: SendAck} | {do: 'own_event', client_id: string, seq: number, user?: string}
 *   | {do: 'lookup_ack', ack: LookupAck} | {do: 'lookup_failed', retry_after_ms?: number}
 *   | {do: 'timer', name: 'ack' | 'retry'} | {do: 'retry', client_id: string}
 *   | {do: 'discard', client_id: string})} OutboxInput
 * @typedef {{do: 'store', client_id: string} | {do: 'forget', client_id: string}
 *   | {do: 'sent', client_id: string, seq: number} | {do: 'failed', client_id: string, code: string}
 *   | {do: 'ask', client_id: string} | {do: 'rejoin'} | {do: 'lookup', client_ids: string[]}
 *   | {do: 'send', client_id: string, content: string, retry: boolean}
 *   | import('../timing/one-timer.js').TimerAction<'ack' | 'retry'>} OutboxAction
 */

export class Outbox {
  isReady = false;
  /** @type {Entry[]} oldest first */
  entries = [];
  /** Who one is. @type {User | null} */
  #user = null;
  /** @type {Entry | null} */
  #inFlight = null;
  #isLookingUp = false;
  #refusalsInARow = 0;
  #ackTimer = new OneTimer(/** @type {const} */ ('ack'));
  #retryTimer = new OneTimer(/** @type {const} */ ('retry'));

  get inFlight() {
    return this.#inFlight?.client_id ?? null;
  }

  /**
   * @param {OutboxInput} input
   * @returns {OutboxAction[]}
   */
  handle(input) {
    switch (input.do) {
      case 'user':
        return this.#become(input.user, input.now);
      case 'restore':
        return this.#restore(input.entries, input.now);
      case 'put':
        return this.#put(input, input.now);
      case 'ready':
        this.isReady = true;
        return this.#sendNext(input.now);
      case 'closed':
        return this.#pause();
      case 'ack':
        return this.#acked(this.#find(input.client_id), input.ack, input.now);
      case 'own_event':
        return this.#arrived(this.#findOf(input.client_id, input.user), input.seq, input.now);
      case 'lookup_ack':
        return this.#lookedUp(input.ack, input.now);
      case 'lookup_failed':
        return this.#lookupFailed(input.retry_after_ms, input.now);
      case 'timer':
        return input.name === 'ack' ? this.#ackIsLate(input.now) : this.#retryRang(input.now);
      case 'retry':
        return this.#retry(this.#find(input.client_id), input.now);
      case 'discard':
        return this.#discard(this.#find(input.client_id));
    }
  }

  /** @param {string} clientId */
  #find(clientId) {
    return this.entries.find((entry) => entry.client_id === clientId);
  }

  /**
   * Two people may have the same client id.
   *
   * @param {string} clientId
   * @param {string | undefined} userId of whose message it is
   */
  #findOf(clientId, userId) {
    const entry = this.#find(clientId);
    return userId === undefined || !entry?.author || entry.author.id === userId ? entry : undefined;
  }

  /**
   * @param {User} user
   * @param {number} now
   * @returns {OutboxAction[]}
   */
  #become(user, now) {
    this.#user = user;
    return [...this.#pauseOthers(this.entries), ...this.#sendNext(now)];
  }

  /**
   * What nobody has signed is of the first who comes.
   *
   * @param {Entry[]} entries
   * @returns {OutboxAction[]}
   */
  #pauseOthers(entries) {
    const asked = /** @type {OutboxAction[]} */ ([]);
    for (const entry of entries) {
      entry.author ??= this.#user ?? undefined;
      const isOwn = this.#isOwn(entry);
      if (isOwn && entry.state === 'paused') entry.state = 'waiting';
      if (isOwn || entry.state === 'paused' || entry === this.#inFlight) continue;
      Object.assign(entry, { state: 'paused', refusal: null, retryAt: null });
      asked.push({ do: 'ask', client_id: entry.client_id });
    }
    return asked;
  }

  /** @param {Entry} entry */
  #isOwn(entry) {
    return !this.#user || !entry.author || entry.author.id === this.#user.id;
  }

  /**
   * @param {Draft[]} drafts
   * @param {number} now
   */
  #restore(drafts, now) {
    const known = new Set(this.entries.map((entry) => entry.client_id));
    const fresh = drafts.filter((draft) => !known.has(draft.client_id)).map((draft) => entryOf(draft, true));
    this.entries.unshift(...fresh);
    return [...this.#pauseOthers(fresh), ...this.#sendNext(now)];
  }

  /**
   * @param {{client_id: string, content: string}} message
   * @param {number} now
   * @returns {OutboxAction[]}
   */
  #put({ client_id, content }, now) {
    this.entries.push(entryOf({ client_id, content, put_at: now, author: this.#user ?? undefined }, false));
    return [{ do: 'store', client_id }, ...this.#sendNext(now)];
  }

  #pause() {
    this.isReady = false;
    this.#isLookingUp = false;
    this.#putBack();
    return [...this.#ackTimer.cancel(), ...this.#retryTimer.cancel()];
  }

  #putBack() {
    if (this.#inFlight) this.#inFlight.state = this.#isOwn(this.#inFlight) ? 'waiting' : 'paused';
    this.#inFlight = null;
  }

  /**
   * @param {Entry | undefined} entry
   * @param {SendAck} ack
   * @param {number} now
   * @returns {OutboxAction[]}
   */
  #acked(entry, ack, now) {
    if (entry === undefined) return [];
    if (ack.ok) return this.#arrived(entry, ack.seq, now);
    if (entry !== this.#inFlight) return [];
    this.#putBack();
    if (NOT_ABOUT_THE_MESSAGE.has(ack.error.code)) return this.#stepBack(ack.error.code);
    entry.refusal = ack.error;
    if (ack.error.retryable) return [...this.#ackTimer.cancel(), ...this.#waitToRetry(ack.error.retry_after_ms, now, entry)];
    entry.state = 'failed';
    const failed = /** @type {OutboxAction} */ ({ do: 'failed', client_id: entry.client_id, code: ack.error.code });
    return [failed, ...this.#ackTimer.cancel(), ...this.#sendNext(now)];
  }

  /**
   * @param {string} code
   * @returns {OutboxAction[]}
   */
  #stepBack(code) {
    this.isReady = false;
    const cancelled = this.#ackTimer.cancel();
    return code === 'not_joined' ? [...cancelled, { do: 'rejoin' }] : cancelled;
  }

  /**
   * @param {Entry | undefined} entry
   * @param {number} seq
   * @param {number} now
   * @returns {OutboxAction[]}
   */
  #arrived(entry, seq, now) {
    if (entry === undefined) return [];
    const actions = this.#take(entry, seq);
    if (entry !== this.#inFlight) return actions;
    this.#inFlight = null;
    this.#refusalsInARow = 0;
    return [...actions, ...this.#ackTimer.cancel(), ...this.#sendNext(now)];
  }

  /**
   * @param {Entry} entry
   * @param {number} seq
   * @returns {OutboxAction[]}
   */
  #take(entry, seq) {
    this.entries = this.entries.filter((other) => other !== entry);
    const { client_id } = entry;
    return [{ do: 'forget', client_id }, { do: 'sent', client_id, seq }];
  }

  /**
   * @param {LookupAck} ack
   * @param {number} now
   * @returns {OutboxAction[]}
   */
  #lookedUp(ack, now) {
    if (!this.#isLookingUp) return [];
    this.#isLookingUp = false;
    this.#refusalsInARow = 0;
    for (const clientId of ack.unknown) {
      const entry = this.#find(clientId);
      if (entry) entry.isUnconfirmed = false;
    }
    const found = Object.entries(ack.found).flatMap(([clientId, { seq }]) => {
      const entry = this.#find(clientId);
      return entry ? this.#take(entry, seq) : [];
    });
    return [...found, ...this.#sendNext(now)];
  }

  /**
   * @param {number | undefined} retryAfterMs
   * @param {number} now
   */
  #lookupFailed(retryAfterMs, now) {
    if (!this.#isLookingUp) return [];
    this.#isLookingUp = false;
    return this.#waitToRetry(retryAfterMs, now);
  }

  /**
   * @param {number | undefined} retryAfterMs
   * @param {number} now
   * @param {Entry} [entry] the refused one
   */
  #waitToRetry(retryAfterMs, now, entry) {
    const ms = retryAfterMs ?? Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** this.#refusalsInARow);
    this.#refusalsInARow += 1;
    if (entry) entry.retryAt = now + ms;
    return this.#retryTimer.start(ms);
  }

  /** @param {number} now */
  #ackIsLate(now) {
    this.#ackTimer.rang();
    this.#putBack();
    return this.#sendNext(now);
  }

  /** @param {number} now */
  #retryRang(now) {
    this.#retryTimer.rang();
    return this.#sendNext(now);
  }

  /**
   * @param {Entry | undefined} entry
   * @param {number} now
   * @returns {OutboxAction[]}
   */
  #retry(entry, now) {
    if (entry === undefined || !ASKED.has(entry.state)) return [];
    // As another person's it has never been sent.
    if (entry.state === 'paused') Object.assign(entry, { author: this.#user, isUnconfirmed: false, isRepeat: false });
    else entry.isRepeat = true;
    Object.assign(entry, { state: 'waiting', put_at: now, refusal: null });
    return [{ do: 'store', client_id: entry.client_id }, ...this.#sendNext(now)];
  }

  /**
   * @param {Entry | undefined} entry
   * @returns {OutboxAction[]}
   */
  #discard(entry) {
    if (entry === undefined || entry === this.#inFlight) return [];
    this.entries = this.entries.filter((other) => other !== entry);
    return [{ do: 'forget', client_id: entry.client_id }];
  }

  /**
   * @param {number} now
   * @returns {OutboxAction[]}
   */
  #sendNext(now) {
    if (!this.isReady || this.#inFlight || this.#isLookingUp || this.#retryTimer.isRunning) return [];
    const unconfirmed = this.entries.filter((entry) => entry.isUnconfirmed && entry.state !== 'paused').slice(0, LOOKUP_SIZE);
    if (unconfirmed.length > 0) {
      this.#isLookingUp = true;
      return [{ do: 'lookup', client_ids: unconfirmed.map((entry) => entry.client_id) }];
    }
    return this.#sendFirstWaiting(now);
  }

  /**
   * @param {number} now
   * @returns {OutboxAction[]}
   */
  #sendFirstWaiting(now) {
    const asked = /** @type {OutboxAction[]} */ ([]);
    for (const entry of this.entries.filter((one) => one.state === 'waiting')) {
      if (now - entry.put_at < OLD_MS) return [...asked, ...this.#send(entry)];
      entry.state = 'old';
      asked.push({ do: 'ask', client_id: entry.client_id });
    }
    return asked;
  }

  /**
   * @param {Entry} entry
   * @returns {OutboxAction[]}
   */
  #send(entry) {
    const { client_id, content, isRepeat: retry } = entry;
    this.#inFlight = entry;
    Object.assign(entry, { state: 'sending', isRepeat: true, refusal: null, retryAt: null });
    return [{ do: 'send', client_id, content, retry }, ...this.#ackTimer.start(ACK_MS)];
  }
}

/**
 * @param {Draft} draft
 * @param {boolean} isRestored
 * @returns {Entry}
 */
function entryOf(draft, isRestored) {
  const { client_id, content, put_at, author } = draft;
  return {
    client_id, content, put_at, author, state: 'waiting', isRepeat: isRestored, isUnconfirmed: isRestored, refusal: null, retryAt: null,
  };
}
