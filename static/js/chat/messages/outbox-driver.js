/**
 * Drives the outbox: its actions go to the connection and to storage, the answers back.
 *
 * Nothing is sent before it is stored, so that a message that may have reached the server is never
 * unknown to a client that starts again. Where there is no storage, it is sent all the same.
 */

import { NamedTimers } from '../timing/named-timers.js';
import { draftOf } from './entries.js';
import { Outbox } from './outbox.js';

/**
 * @typedef {import('./outbox-words.js').OutboxInput} OutboxInput
 * @typedef {import('./outbox-words.js').OutboxAction} OutboxAction
 * @typedef {import('./entries.js').Entry} Entry
 * @typedef {import('./lines.js').Sent} Sent
 * @typedef {{now: number}} Time
 * @typedef {OutboxInput extends infer One ? (One extends Time ? Omit<One, 'now'> : never) : never} Input
 * @typedef {Pick<import('../uploads/room-files.js').RoomFiles, 'upload' | 'pause' | 'forget' | 'remove'>} OutboxFiles
 * @typedef {{onSent: (sent: Sent) => void, onFailed: (clientId: string) => void,
 *   onRefused: (entry: Entry, refusal: import('../types.js').Refusal) => void,
 *   onRejoin: () => void, onUnkept: () => void, onChange: () => void}} OutboxListeners  `onRefused`: a change that is over; `onUnkept`:
 *   from now on something waits that storage has not taken
 */

/** What is asked of the server for an entry without a kind. */
const MESSAGE = 'message';

export class OutboxDriver {
  outbox = new Outbox();
  #timers;
  /** @type {Map<string, Promise<void>>} */
  #stored = new Map();
  /** What waits here, and here alone: storage has not taken it. @type {Set<string>} */
  #unkept = new Set();
  /** Stored or discarded: storage may still have them for a moment. @type {Set<string>} */
  #gone = new Set();

  /**
   * @param {{room: string, connection: import('../connection/connection.js').Connection, clock: import('../types.js').Clock,
   *   timers: import('../types.js').Timers, storage: import('../types.js').OutboxStorage, files: OutboxFiles} & OutboxListeners} ports
   */
  constructor({ room, connection, clock, timers, storage, files, ...listeners }) {
    this.room = room;
    this.connection = connection;
    this.clock = clock;
    this.storage = storage;
    this.files = files;
    this.listeners = listeners;
    this.#timers = new NamedTimers(timers);
  }

  /** How many a page that goes takes along. */
  get unkeptCount() {
    return this.#unkept.size;
  }

  /** Takes up what is in storage: one’s own after a start, later what others have left behind. */
  async restore() {
    const drafts = await this.storage.load(this.room).catch(() => []);
    this.handle({ do: 'restore', entries: drafts.filter((draft) => !this.#gone.has(draft.client_id)) });
  }

  /** @param {Input} input */
  handle(input) {
    const before = new Map(this.#all().map((entry) => [entry.client_id, entry]));
    const files = this.outbox.entries.flatMap((entry) => (entry.files ? [{ of: entry.client_id, had: entry.files }] : []));
    const actions = this.outbox.handle(/** @type {OutboxInput} */ ({ ...input, now: this.clock() }));
    for (const action of actions) this.#carryOut(action, input, before);
    this.#letGo(files, actions);
    if (actions.length > 0) this.listeners.onChange();
  }

  #all() {
    return [...this.outbox.entries, ...this.outbox.reactions];
  }

  /**
   * @param {OutboxAction} action
   * @param {Input} input
   * @param {Map<string, Entry>} before the entries as they were: a sent one is gone now
   */
  #carryOut(action, input, before) {
    if (action.do === 'store') this.#store(action.client_id);
    if (action.do === 'forget') this.#forget(action.client_id);
    if (action.do === 'sent') this.#sent(before.get(action.client_id), action.seq, input);
    if (action.do === 'refused') this.#refused(before.get(action.client_id), action.code, input);
    if (action.do === 'failed' || action.do === 'ask') this.listeners.onFailed(action.client_id);
    if (action.do === 'rejoin') this.listeners.onRejoin();
    if (action.do === 'lookup') this.#lookUp(action.client_ids);
    if (action.do === 'upload') this.files.upload(action.client_id, this.outbox.find(action.client_id)?.files ?? []);
    if (action.do === 'ask' && this.outbox.find(action.client_id)?.files) this.files.pause(action.client_id);
    if (action.do === 'send' && input.do === 'flush') void this.#request(action);
    else if (action.do === 'send') void this.#send(action);
    if (action.do === 'cancel') this.#timers.cancel(action.name);
    if (action.do === 'timer') this.#timers.start(action.name, action.ms, () => this.handle({ do: 'timer', name: action.name }));
  }

  /**
   * What the outbox has no more, of a file, nobody else keeps.
   *
   * @param {{of: string, had: import('../types.js').DraftFile[]}[]} files as they were, by the message that they are of
   * @param {OutboxAction[]} actions
   */
  #letGo(files, actions) {
    const sent = new Set(actions.flatMap((action) => (action.do === 'sent' ? [action.client_id] : [])));
    for (const { of, had } of files) {
      const entry = this.outbox.find(of);
      if (!entry) this.files.forget(of, had, sent.has(of));
      const gone = entry ? had.filter(({ key }) => !entry.files?.some((file) => file.key === key)) : [];
      for (const file of gone) this.files.remove(file);
    }
  }

  /** @param {string} clientId */
  #store(clientId) {
    const entry = this.outbox.find(clientId);
    if (!entry) return;
    const kept = () => void this.#unkept.delete(clientId);
    this.#stored.set(clientId, this.storage.put(this.room, draftOf(entry)).then(kept, () => this.#notKept(clientId)));
  }

  /** @param {string} clientId */
  #notKept(clientId) {
    if (this.#gone.has(clientId)) return;
    this.#unkept.add(clientId);
    if (this.#unkept.size === 1) this.listeners.onUnkept();
  }

  /** @param {string} clientId */
  #forget(clientId) {
    const stored = this.#stored.get(clientId) ?? Promise.resolve();
    this.#stored.delete(clientId);
    this.#unkept.delete(clientId);
    this.#gone.add(clientId);
    stored.then(() => this.storage.remove(this.room, clientId)).catch(() => {});
  }

  /**
   * @param {Entry | undefined} entry
   * @param {number | undefined} seq nothing: nothing has changed
   * @param {Input} input
   */
  #sent(entry, seq, input) {
    if (!entry || seq === undefined) return;
    const id = input.do === 'ack' && input.ack.ok ? input.ack.id : undefined;
    this.listeners.onSent({ ...entry, state: 'sent', seq, id });
  }

  /**
   * @param {Entry | undefined} entry
   * @param {string} code
   * @param {Input} input
   */
  #refused(entry, code, input) {
    const refusal = input.do === 'ack' && !input.ack.ok ? input.ack.error : { code, retryable: false };
    if (entry) this.listeners.onRefused(entry, refusal);
  }

  /** @param {Extract<OutboxAction, {do: 'send'}>} action */
  async #send(action) {
    await this.#stored.get(action.client_id);
    if (this.outbox.find(action.client_id)?.state === 'sending') await this.#request(action);
  }

  /** @param {Extract<OutboxAction, {do: 'send'}>} action */
  async #request({ do: _, kind = MESSAGE, client_id, retry, ...what }) {
    const isReaction = kind === 'react';
    const payload = { room: this.room, ...(isReaction ? {} : { client_id }), ...what, ...(retry ? { retry } : {}) };
    // Of a late answer the outbox has a timer of its own, but for reactions.
    const ack = await this.connection.request(kind, payload, ...(isReaction ? [] : /** @type {const} */ ([null])));
    if (!ack.ok && ack.error.code === 'not_connected') return;
    this.handle({ do: 'ack', client_id, ack });
  }

  /** @param {string[]} clientIds */
  async #lookUp(clientIds) {
    const ack = await this.connection.request('lookup', { room: this.room, client_ids: clientIds });
    if (ack.ok) this.handle({ do: 'lookup_ack', ack });
    else this.handle({ do: 'lookup_failed', retry_after_ms: ack.error.retry_after_ms });
  }
}
