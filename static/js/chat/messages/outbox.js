/**
 * What was written and is not yet known to be stored: first in, first out, one on its way.
 *
 * A pure machine. A message, an edit or a deletion leaves it only when the log has it (by the ack or by one's own event,
 * whichever is first), when nothing of it can be done any more, or when its person discards it. Sending it again is always
 * safe, because its client id stays the same, for the one who wrote it: under another person's name it would be a second
 * message, so one that somebody else has left waits until it is told what to do with it. Reactions have a lane of their
 * own (reaction-lane.js). tests/vectors/README.md states every rule.
 */

import { OneTimer } from '../timing/one-timer.js';
import { Entries } from './entries.js';
import { forgetUploads, heardOfFile, isOfUploads, keepOnly, lacksFiles } from './outgoing-files.js';
import { ReactionLane } from './reaction-lane.js';
import { retryMs } from '../timing/retry.js';
import { sendOf, stateAfter } from './sending.js';

const ACK_MS = 10_000;
const OLD_MS = 3_600_000;
const LOOKUP_SIZE = 100;
/** For so long a deletion can be undone. */
const UNDO_MS = 5_000;
/** Refusals that are about the connection, not about what was sent. */
const NOT_ABOUT_THE_ENTRY = new Set(['not_joined', 'unauthorized', 'token_expired']);
/** What waits for its person's answer. */
const ASKED = new Set(['failed', 'conflict', 'old', 'paused']);

/**
 * @typedef {import('../types.js').Draft} Draft
 * @typedef {import('../types.js').Refusal} Refusal
 * @typedef {import('../types.js').User} User
 * @typedef {import('../types.js').LookupAck} LookupAck
 * @typedef {import('./entries.js').Entry} Entry
 * @typedef {import('./outbox-words.js').SendAck} SendAck
 * @typedef {import('./outbox-words.js').OutboxInput} OutboxInput
 * @typedef {import('./outbox-words.js').OutboxAction} OutboxAction
 * @typedef {import('./outbox-words.js').Timer} Timer
 */

export class Outbox {
  isReady = false;
  #entries = new Entries();
  #reactions = new ReactionLane();
  /** @type {Entry | null} */
  #inFlight = null;
  #isLookingUp = false;
  #refusalsInARow = 0;
  #ackTimer = new OneTimer(/** @type {const} */ ('ack'));
  #retryTimer = new OneTimer(/** @type {const} */ ('retry'));
  #delayTimer = new OneTimer(/** @type {const} */ ('delay'));

  /** Oldest first. */
  get entries() {
    return this.#entries.all;
  }

  get reactions() {
    return this.#reactions.entries;
  }

  get inFlight() {
    return this.#inFlight?.client_id ?? null;
  }

  /** Whether it is on its way to the server. @param {string} clientId */
  isSending(clientId) {
    return this.inFlight === clientId || this.#reactions.find(clientId)?.state === 'sending';
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
        return this.#put(input);
      case 'ready':
        this.isReady = true;
        return [...this.#sendNext(input.now), ...this.#reactions.ready()];
      case 'closed':
        return this.#pause();
      case 'ack':
        return this.#answered(input.client_id, input.ack, input.now);
      case 'own_event':
        return this.#arrived(this.#entries.findOf(input.client_id, input.user), input, input.now);
      case 'lookup_ack':
        return this.#lookedUp(input.ack, input.now);
      case 'lookup_failed':
        return this.#lookupFailed(input.retry_after_ms, input.now);
      case 'timer':
        return this.#rang(input.name, input.now);
      case 'retry':
        return this.#retry(this.#entries.find(input.client_id), input.now);
      case 'discard':
        return this.#discard(this.#entries.find(input.client_id));
      case 'undo':
        return this.#undo(this.#entries.find(input.client_id), input.now);
      case 'flush':
        return this.#flush(input.now);
      case 'file':
        return this.#fileChanged(this.#entries.find(input.client_id), input, input.now);
    }
  }

  /**
   * @param {User} user
   * @param {number} now
   * @returns {OutboxAction[]}
   */
  #become(user, now) {
    this.#entries.user = user;
    return [...this.#pauseOthers(this.entries), ...this.#sendNext(now), ...this.#reactions.become(user)];
  }

  /** @param {Entry[]} entries @returns {OutboxAction[]} */
  #pauseOthers(entries) {
    return this.#entries.pauseOthers(entries, this.#inFlight).map(({ client_id }) => ({ do: 'ask', client_id }));
  }

  /**
   * @param {Draft[]} drafts
   * @param {number} now
   */
  #restore(drafts, now) {
    const fresh = this.#entries.restore(drafts.filter(({ kind }) => kind !== 'react'));
    const reactions = this.#reactions.restore(drafts.filter(({ kind }) => kind === 'react'));
    return [...this.#pauseOthers(fresh), ...this.#sendNext(now), ...reactions];
  }

  /**
   * @param {Extract<OutboxInput, {do: 'put'}>} input
   * @returns {OutboxAction[]}
   */
  #put({ do: _, now, ...what }) {
    const draft = { content: '', ...what, put_at: now };
    if (what.kind === 'react') return this.#reactions.put(draft);
    const open = this.#entries.changedBy(draft);
    if (open && what.kind === 'edit') return this.#rewrite(open, what, now);
    if (open && what.kind === 'delete') return this.#discard(open);
    this.#entries.put(what.kind === 'delete' ? { ...draft, not_before: now + UNDO_MS } : draft);
    return [{ do: 'store', client_id: what.client_id }, ...this.#sendNext(now)];
  }

  /**
   * What waits has another text now.
   *
   * @param {Entry} entry
   * @param {{content: string, mentions?: import('../types.js').Mention[], rev?: number, uploads?: string[]}} edit
   * @param {number} now
   * @returns {OutboxAction[]}
   */
  #rewrite(entry, { content, mentions, rev, uploads }, now) {
    keepOnly(entry, uploads);
    Object.assign(entry, { content, mentions, state: 'waiting', refusal: null, ...(entry.kind === 'edit' && rev !== undefined ? { rev } : {}) });
    return [{ do: 'store', client_id: entry.client_id }, ...this.#sendNext(now)];
  }

  #pause() {
    this.isReady = false;
    this.#isLookingUp = false;
    this.#putBack();
    return [...this.#ackTimer.cancel(), ...this.#retryTimer.cancel(), ...this.#delayTimer.cancel(), ...this.#reactions.closed()];
  }

  #putBack() {
    if (this.#inFlight) this.#inFlight.state = this.#entries.isOwn(this.#inFlight) ? 'waiting' : 'paused';
    this.#inFlight = null;
  }

  /**
   * @param {string} clientId
   * @param {SendAck} ack
   * @param {number} now
   * @returns {OutboxAction[]}
   */
  #answered(clientId, ack, now) {
    const [entry, reaction] = [this.#entries.find(clientId), this.#reactions.find(clientId)];
    if (ack.ok) return reaction ? this.#reactions.stored(reaction, ack.seq) : this.#arrived(entry, ack, now);
    const isAwaited = reaction?.state === 'sending' || (entry !== undefined && entry === this.#inFlight);
    if (!isAwaited) return [];
    if (NOT_ABOUT_THE_ENTRY.has(ack.error.code)) return this.#stepBack(ack.error.code);
    if (reaction) return this.#reactions.refused(reaction, ack.error);
    this.#putBack();
    return entry ? this.#refused(entry, ack.error, now) : [];
  }

  /**
   * @param {Entry} entry
   * @param {Refusal} refusal
   * @param {number} now
   * @returns {OutboxAction[]}
   */
  #refused(entry, refusal, now) {
    const { client_id, kind } = entry;
    entry.refusal = refusal;
    if (refusal.code === 'upload_unknown' && !entry.isUploadedAnew) return this.#uploadAnew(entry, now);
    if (refusal.retryable) return [...this.#ackTimer.cancel(), ...this.#waitToRetry(refusal.retry_after_ms, now, entry)];
    const state = stateAfter(kind, refusal.code);
    if (state) entry.state = state;
    if (kind === 'message' && isOfUploads(refusal.code)) forgetUploads(entry);
    const said = /** @type {OutboxAction[]} */ (state ? [{ do: 'failed', client_id, code: refusal.code }] : this.#end(entry, refusal.code));
    return [...said, ...this.#ackTimer.cancel(), ...this.#sendNext(now)];
  }

  /**
   * It has waited for longer than its files are kept.
   *
   * @param {Entry} entry
   * @param {number} now
   * @returns {OutboxAction[]}
   */
  #uploadAnew(entry, now) {
    forgetUploads(entry);
    Object.assign(entry, { isUploadedAnew: true, refusal: null });
    return [{ do: 'store', client_id: entry.client_id }, ...this.#ackTimer.cancel(), ...this.#sendNext(now)];
  }

  /**
   * @param {Entry | undefined} entry
   * @param {{key: string} & import('../types.js').FileNews} news
   * @param {number} now
   * @returns {OutboxAction[]}
   */
  #fileChanged(entry, { key, ...news }, now) {
    if (!entry?.files || entry === this.#inFlight || (entry.state === 'paused' && !('isRemoved' in news))) return [];
    if ('delay' in news) return this.#delayed(entry, news.delay, now);
    heardOfFile(entry, key, news);
    const { client_id, content } = entry;
    if ('isRemoved' in news && !entry.files && content === '') return this.#discard(entry);
    const isRefused = 'refusal' in news;
    if (isRefused) Object.assign(entry, { state: 'failed', refusal: news.refusal });
    else if ('isRemoved' in news && isOfUploads(entry.refusal?.code)) Object.assign(entry, { state: 'waiting', refusal: null });
    const said = /** @type {OutboxAction[]} */ (isRefused ? [{ do: 'failed', client_id, code: news.refusal.code }] : []);
    return [{ do: 'store', client_id }, ...said, ...this.#sendNext(now)];
  }

  /**
   * The server does not take a file now: one may know why, and until when.
   *
   * @param {Entry} entry
   * @param {{refusal: Refusal, ms: number}} delay
   * @param {number} now
   * @returns {OutboxAction[]}
   */
  #delayed(entry, { refusal, ms }, now) {
    if (entry.state !== 'waiting') return [];
    Object.assign(entry, { refusal, retryAt: now + ms });
    return [{ do: 'store', client_id: entry.client_id }];
  }

  /**
   * @param {Entry} entry
   * @param {string} code
   * @returns {OutboxAction[]}
   */
  #end(entry, code) {
    this.#entries.remove(entry);
    const { client_id } = entry;
    return [{ do: 'forget', client_id }, { do: 'refused', client_id, code }];
  }

  /**
   * @param {string} code
   * @returns {OutboxAction[]}
   */
  #stepBack(code) {
    this.isReady = false;
    this.#putBack();
    const cancelled = [...this.#ackTimer.cancel(), ...this.#delayTimer.cancel(), ...this.#reactions.closed()];
    return code === 'not_joined' ? [...cancelled, { do: 'rejoin' }] : cancelled;
  }

  /**
   * @param {Entry | undefined} entry
   * @param {{seq?: number, id?: string}} place
   * @param {number} now
   * @returns {OutboxAction[]}
   */
  #arrived(entry, place, now) {
    if (entry === undefined) return [];
    const actions = this.#take(entry, place);
    if (entry !== this.#inFlight) return actions;
    this.#inFlight = null;
    this.#refusalsInARow = 0;
    return [...actions, ...this.#ackTimer.cancel(), ...this.#sendNext(now)];
  }

  /**
   * @param {Entry} entry
   * @param {{seq?: number, id?: string}} place
   * @returns {OutboxAction[]}
   */
  #take(entry, { seq = 0, id }) {
    const { client_id, kind } = entry;
    this.#entries.remove(entry);
    const changed = kind === 'edit' ? this.#entries.rebase(entry, seq) : [];
    const settled = id === undefined ? [] : this.#entries.settle(client_id, { seq, id });
    const lost = id === undefined ? this.#entries.changesOf(client_id).flatMap((change) => this.#end(change, 'target_gone')) : [];
    const stored = /** @type {OutboxAction[]} */ ([...changed, ...settled].map((one) => ({ do: 'store', client_id: one.client_id })));
    return [{ do: 'forget', client_id }, ...stored, { do: 'sent', client_id, seq }, ...lost];
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
      const entry = this.#entries.find(clientId);
      if (entry) entry.isUnconfirmed = false;
    }
    const found = Object.entries(ack.found).flatMap(([clientId, place]) => {
      const entry = this.#entries.find(clientId);
      return entry ? this.#take(entry, place) : [];
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
    const ms = retryAfterMs ?? retryMs(this.#refusalsInARow);
    this.#refusalsInARow += 1;
    if (entry) entry.retryAt = now + ms;
    return this.#retryTimer.start(ms);
  }

  /**
   * @param {Timer} name
   * @param {number} now
   */
  #rang(name, now) {
    if (name === 'react') return this.#reactions.rang();
    ({ ack: this.#ackTimer, retry: this.#retryTimer, delay: this.#delayTimer })[name].rang();
    if (name === 'ack') this.#putBack();
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
    if (entry.state === 'paused') Object.assign(entry, { author: this.#entries.user, isUnconfirmed: false, isRepeat: false });
    else entry.isRepeat = true;
    if (entry.state === 'paused') forgetUploads(entry);
    entry.isUploading = false;
    // Whoever has seen both texts wants this one.
    if (entry.state === 'conflict') entry.rev = entry.refusal?.rev;
    Object.assign(entry, { state: 'waiting', put_at: now, refusal: null });
    return [{ do: 'store', client_id: entry.client_id }, ...this.#sendNext(now)];
  }

  /**
   * A message goes with all that was to become of it.
   *
   * @param {Entry | undefined} entry
   * @returns {OutboxAction[]}
   */
  #discard(entry) {
    if (entry === undefined || entry === this.#inFlight) return [];
    const gone = [entry, ...this.#entries.changesOf(entry.client_id)];
    for (const one of gone) this.#entries.remove(one);
    return gone.map(({ client_id }) => ({ do: 'forget', client_id }));
  }

  /**
   * @param {Entry | undefined} entry
   * @param {number} now
   * @returns {OutboxAction[]}
   */
  #undo(entry, now) {
    if (entry?.kind !== 'delete' || entry.isRepeat) return [];
    const actions = this.#discard(entry);
    const isDelayed = this.entries.some(({ not_before = 0 }) => not_before > now);
    return isDelayed ? actions : [...actions, ...this.#delayTimer.cancel()];
  }

  /**
   * The page goes: what waits for an “Undo” has none any more, and nobody may be there for an answer.
   *
   * @param {number} now
   * @returns {OutboxAction[]}
   */
  #flush(now) {
    const delayed = this.entries.filter(({ not_before = 0, state }) => state === 'waiting' && not_before > now);
    for (const entry of delayed) delete entry.not_before;
    const stored = /** @type {OutboxAction[]} */ (delayed.map(({ client_id }) => ({ do: 'store', client_id })));
    const sends = this.isReady ? delayed.filter(({ of }) => of === undefined).map((entry) => sendOf(entry)) : [];
    return [...stored, ...this.#delayTimer.cancel(), ...sends];
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
    let delayedUntil = Infinity;
    for (const entry of this.entries.filter((one) => one.state === 'waiting' && one.of === undefined)) {
      const { kind, put_at, not_before = 0 } = entry;
      const isOld = kind !== 'delete' && now - put_at >= OLD_MS;
      if (not_before > now) delayedUntil = Math.min(delayedUntil, not_before);
      else if (isOld || lacksFiles(entry)) asked.push(...(isOld ? grownOld(entry) : this.#upload(entry)));
      else return [...asked, ...this.#send(entry)];
    }
    return delayedUntil === Infinity ? asked : [...asked, ...this.#delayTimer.start(delayedUntil - now)];
  }

  /**
   * @param {Entry} entry
   * @returns {OutboxAction[]}
   */
  #send(entry) {
    const send = sendOf(entry);
    this.#inFlight = entry;
    Object.assign(entry, { state: 'sending', refusal: null, retryAt: null });
    return [send, ...this.#ackTimer.start(ACK_MS)];
  }

  /** @param {Entry} entry @returns {OutboxAction[]} */
  #upload(entry) {
    if (entry.isUploading) return [];
    entry.isUploading = true;
    return [{ do: 'upload', client_id: entry.client_id }];
  }
}

/** @param {Entry} entry @returns {OutboxAction[]} */
function grownOld(entry) {
  entry.state = 'old';
  return [{ do: 'ask', client_id: entry.client_id }];
}
