/** Which of an outbox's entries goes next, and when: one at a time, none before its time, none too late. */

import { OneTimer } from '../timing/one-timer.js';
import { retryMs } from '../timing/retry.js';
import { lacksFiles } from './outgoing-files.js';
import { sendOf } from './sending.js';

const ACK_MS = 10_000;
const OLD_MS = 3_600_000;
const LOOKUP_SIZE = 100;

/**
 * @typedef {import('./entries.js').Entry} Entry
 * @typedef {import('./outbox-words.js').OutboxAction} OutboxAction
 * @typedef {import('./outbox-words.js').Timer} Timer
 */

export class Dispatch {
  isReady = false;
  /** @type {Entry | null} */
  inFlight = null;
  ackTimer = new OneTimer(/** @type {const} */ ('ack'));
  delayTimer = new OneTimer(/** @type {const} */ ('delay'));
  #retryTimer = new OneTimer(/** @type {const} */ ('retry'));
  #isLookingUp = false;
  #refusalsInARow = 0;
  #entries;

  /** @param {import('./entries.js').Entries} entries */
  constructor(entries) {
    this.#entries = entries;
  }

  /**
   * @param {number} now
   * @returns {OutboxAction[]}
   */
  next(now) {
    if (!this.isReady || this.inFlight || this.#isLookingUp || this.#retryTimer.isRunning) return [];
    const unconfirmed = this.#entries.all.filter((entry) => entry.isUnconfirmed && entry.state !== 'paused').slice(0, LOOKUP_SIZE);
    if (unconfirmed.length === 0) return this.#firstWaiting(now);
    this.#isLookingUp = true;
    return [{ do: 'lookup', client_ids: unconfirmed.map((entry) => entry.client_id) }];
  }

  /** What was on its way waits again. @returns {OutboxAction[]} */
  stop() {
    this.isReady = false;
    this.#isLookingUp = false;
    this.putBack();
    return [...this.ackTimer.cancel(), ...this.#retryTimer.cancel(), ...this.delayTimer.cancel()];
  }

  putBack() {
    if (this.inFlight) this.inFlight.state = this.#entries.isOwn(this.inFlight) ? 'waiting' : 'paused';
    this.inFlight = null;
  }

  /** @param {Exclude<Timer, 'react'>} name */
  rang(name) {
    ({ ack: this.ackTimer, retry: this.#retryTimer, delay: this.delayTimer })[name].rang();
    if (name === 'ack') this.putBack();
  }

  /** What was on its way is in the log. @returns {OutboxAction[]} */
  arrived() {
    this.inFlight = null;
    this.calm();
    return this.ackTimer.cancel();
  }

  /** @returns {boolean} false: nobody has asked */
  lookedUp() {
    const wasLookingUp = this.#isLookingUp;
    this.#isLookingUp = false;
    return wasLookingUp;
  }

  /** The server answers: refusals are counted anew. */
  calm() {
    this.#refusalsInARow = 0;
  }

  /**
   * @param {number | undefined} retryAfterMs
   * @param {number} now
   * @param {Entry} [entry] the refused one
   * @returns {OutboxAction[]}
   */
  waitToRetry(retryAfterMs, now, entry) {
    const ms = retryAfterMs ?? retryMs(this.#refusalsInARow);
    this.#refusalsInARow += 1;
    if (entry) entry.retryAt = now + ms;
    return this.#retryTimer.start(ms);
  }

  /**
   * @param {number} now
   * @returns {OutboxAction[]}
   */
  #firstWaiting(now) {
    const asked = /** @type {OutboxAction[]} */ ([]);
    let delayedUntil = Infinity;
    for (const entry of this.#entries.all.filter((one) => one.state === 'waiting' && one.of === undefined)) {
      const { kind, put_at, not_before = 0 } = entry;
      const isOld = kind !== 'delete' && now - put_at >= OLD_MS;
      if (not_before > now) delayedUntil = Math.min(delayedUntil, not_before);
      else if (isOld || lacksFiles(entry)) asked.push(...(isOld ? grownOld(entry) : upload(entry)));
      else return [...asked, ...this.#send(entry)];
    }
    return delayedUntil === Infinity ? asked : [...asked, ...this.delayTimer.start(delayedUntil - now)];
  }

  /**
   * @param {Entry} entry
   * @returns {OutboxAction[]}
   */
  #send(entry) {
    const send = sendOf(entry);
    this.inFlight = entry;
    Object.assign(entry, { state: 'sending', refusal: null, retryAt: null });
    return [send, ...this.ackTimer.start(ACK_MS)];
  }
}

/** @param {Entry} entry @returns {OutboxAction[]} */
function upload(entry) {
  if (entry.isUploading) return [];
  entry.isUploading = true;
  return [{ do: 'upload', client_id: entry.client_id }];
}

/** @param {Entry} entry @returns {OutboxAction[]} */
function grownOld(entry) {
  entry.state = 'old';
  return [{ do: 'ask', client_id: entry.client_id }];
}
