/**
 * What was written and is not yet known to be stored: first in, first out, one on its way.
 *
 * A pure machine. A message, an edit or a deletion leaves it only when the log has it (by the ack or by one's own event,
 * whichever is first), when nothing of it can be done any more, or when its person discards it. Sending it again is always
 * safe, because its client id stays the same, for the one who wrote it: under another person's name it would be a second
 * message, so one that somebody else has left waits until it is told what to do with it. Reactions have a lane of their
 * own (reaction-lane.js). tests/vectors/README.md states every rule.
 */

import { Dispatch } from './dispatch.js';
import { Entries } from './entries.js';
import { forgetUploads, heardOfFile, isOfUploads, keepOnly } from './outgoing-files.js';
import { ReactionLane } from './reaction-lane.js';
import { sendOf, stateAfter } from './sending.js';

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
  #entries = new Entries();
  #reactions = new ReactionLane();
  #dispatch = new Dispatch(this.#entries);

  get isReady() {
    return this.#dispatch.isReady;
  }

  /** Oldest first. */
  get entries() {
    return this.#entries.all;
  }

  get reactions() {
    return this.#reactions.entries;
  }

  get inFlight() {
    return this.#dispatch.inFlight?.client_id ?? null;
  }

  /** @param {string} clientId */
  find(clientId) {
    return this.#entries.find(clientId) ?? this.#reactions.find(clientId);
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
        this.#dispatch.isReady = true;
        return [...this.#dispatch.next(input.now), ...this.#reactions.ready()];
      case 'closed':
        return this.#pause();
      case 'ack':
        return this.#answered(input.client_id, input.ack, input.now);
      case 'own_event':
        return this.#arrived(this.#entries.findOf(input.client_id, input.user), input, input.now);
      case 'lookup_ack':
        return this.#lookedUp(input.ack, input.now);
      case 'lookup_failed':
        return this.#dispatch.lookedUp() ? this.#dispatch.waitToRetry(input.retry_after_ms, input.now) : [];
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
    return [...this.#pauseOthers(this.entries), ...this.#dispatch.next(now), ...this.#reactions.become(user)];
  }

  /** @param {Entry[]} entries @returns {OutboxAction[]} */
  #pauseOthers(entries) {
    return this.#entries.pauseOthers(entries, this.#dispatch.inFlight).map(({ client_id }) => ({ do: 'ask', client_id }));
  }

  /**
   * @param {Draft[]} drafts
   * @param {number} now
   */
  #restore(drafts, now) {
    const fresh = this.#entries.restore(drafts.filter(({ kind }) => kind !== 'react'));
    const reactions = this.#reactions.restore(drafts.filter(({ kind }) => kind === 'react'));
    return [...this.#pauseOthers(fresh), ...this.#dispatch.next(now), ...reactions];
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
    return [{ do: 'store', client_id: what.client_id }, ...this.#dispatch.next(now)];
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
    return [{ do: 'store', client_id: entry.client_id }, ...this.#dispatch.next(now)];
  }

  #pause() {
    return [...this.#dispatch.stop(), ...this.#reactions.closed()];
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
    const isAwaited = reaction?.state === 'sending' || (entry !== undefined && entry === this.#dispatch.inFlight);
    if (!isAwaited) return [];
    if (NOT_ABOUT_THE_ENTRY.has(ack.error.code)) return this.#stepBack(ack.error.code);
    if (reaction) return this.#reactions.refused(reaction, ack.error);
    this.#dispatch.putBack();
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
    if (refusal.retryable) return [...this.#dispatch.ackTimer.cancel(), ...this.#dispatch.waitToRetry(refusal.retry_after_ms, now, entry)];
    const state = stateAfter(kind, refusal.code);
    if (state) entry.state = state;
    if (kind === 'message' && isOfUploads(refusal.code)) forgetUploads(entry);
    const said = /** @type {OutboxAction[]} */ (state ? [{ do: 'failed', client_id, code: refusal.code }] : this.#end(entry, refusal.code));
    return [...said, ...this.#dispatch.ackTimer.cancel(), ...this.#dispatch.next(now)];
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
    return [{ do: 'store', client_id: entry.client_id }, ...this.#dispatch.ackTimer.cancel(), ...this.#dispatch.next(now)];
  }

  /**
   * @param {Entry | undefined} entry
   * @param {{key: string} & import('../types.js').FileNews} news
   * @param {number} now
   * @returns {OutboxAction[]}
   */
  #fileChanged(entry, { key, ...news }, now) {
    if (!entry?.files || entry === this.#dispatch.inFlight || (entry.state === 'paused' && !('isRemoved' in news))) return [];
    if ('delay' in news) return this.#delayed(entry, news.delay, now);
    heardOfFile(entry, key, news);
    const { client_id, content } = entry;
    if ('isRemoved' in news && !entry.files && content === '') return this.#discard(entry);
    const isRefused = 'refusal' in news;
    if (isRefused) Object.assign(entry, { state: 'failed', refusal: news.refusal });
    else if ('isRemoved' in news && isOfUploads(entry.refusal?.code)) Object.assign(entry, { state: 'waiting', refusal: null });
    const said = /** @type {OutboxAction[]} */ (isRefused ? [{ do: 'failed', client_id, code: news.refusal.code }] : []);
    return [{ do: 'store', client_id }, ...said, ...this.#dispatch.next(now)];
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
    const stopped = this.#pause();
    return code === 'not_joined' ? [...stopped, { do: 'rejoin' }] : stopped;
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
    if (entry !== this.#dispatch.inFlight) return actions;
    return [...actions, ...this.#dispatch.arrived(), ...this.#dispatch.next(now)];
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
    if (!this.#dispatch.lookedUp()) return [];
    this.#dispatch.calm();
    for (const clientId of ack.unknown) {
      const entry = this.#entries.find(clientId);
      if (entry) entry.isUnconfirmed = false;
    }
    const found = Object.entries(ack.found).flatMap(([clientId, place]) => {
      const entry = this.#entries.find(clientId);
      return entry ? this.#take(entry, place) : [];
    });
    return [...found, ...this.#dispatch.next(now)];
  }

  /**
   * @param {Timer} name
   * @param {number} now
   */
  #rang(name, now) {
    if (name === 'react') return this.#reactions.rang();
    this.#dispatch.rang(name);
    return this.#dispatch.next(now);
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
    return [{ do: 'store', client_id: entry.client_id }, ...this.#dispatch.next(now)];
  }

  /**
   * A message goes with all that was to become of it.
   *
   * @param {Entry | undefined} entry
   * @returns {OutboxAction[]}
   */
  #discard(entry) {
    if (entry === undefined || entry === this.#dispatch.inFlight) return [];
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
    return isDelayed ? actions : [...actions, ...this.#dispatch.delayTimer.cancel()];
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
    return [...stored, ...this.#dispatch.delayTimer.cancel(), ...sends];
  }
}
