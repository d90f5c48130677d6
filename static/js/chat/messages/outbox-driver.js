/**
 * Drives the outbox: its actions go to the connection and to storage, the answers back.
 *
 * Nothing is sent before it is stored, so that a message that may have reached the server is never
 * unknown to a client that starts again. Where there is no storage, it is sent all the same.
 */

import { NamedTimers } from '../timing/named-timers.js';
import { Outbox } from './outbox.js';

/**
 * @typedef {import('./outbox.js').OutboxInput} OutboxInput
 * @typedef {import('./outbox.js').OutboxAction} OutboxAction
 * @typedef {import('../types.js').Draft} Draft
 * @typedef {{[Do in OutboxInput['do']]: Omit<Extract<OutboxInput, {do: Do}>, 'now'>}[OutboxInput['do']]} Input
 * @typedef {{onSent: (sent: Draft & {seq: number}) => void, onFailed: (clientId: string) => void,
 *   onRejoin: () => void, onChange: () => void}} OutboxListeners
 */

export class OutboxDriver {
  outbox = new Outbox();
  #timers;
  /** @type {Map<string, Promise<void>>} */
  #stored = new Map();
  /** Stored or discarded: storage may still have them for a moment. @type {Set<string>} */
  #gone = new Set();

  /**
   * @param {{room: string, connection: import('../connection/connection.js').Connection, clock: import('../types.js').Clock,
   *   timers: import('../types.js').Timers, storage: import('../types.js').OutboxStorage} & OutboxListeners} ports
   */
  constructor({ room, connection, clock, timers, storage, ...listeners }) {
    this.room = room;
    this.connection = connection;
    this.clock = clock;
    this.storage = storage;
    this.listeners = listeners;
    this.#timers = new NamedTimers(timers);
  }

  /** Takes up what is in storage: one’s own after a start, later what others have left behind. */
  async restore() {
    const drafts = await this.storage.load(this.room).catch(() => []);
    this.handle({ do: 'restore', entries: drafts.filter((draft) => !this.#gone.has(draft.client_id)) });
  }

  /** @param {Input} input */
  handle(input) {
    const before = new Map(this.outbox.entries.map((entry) => [entry.client_id, entry]));
    const actions = this.outbox.handle(/** @type {OutboxInput} */ ({ ...input, now: this.clock() }));
    for (const action of actions) this.#carryOut(action, before);
    if (actions.length > 0) this.listeners.onChange();
  }

  /**
   * @param {OutboxAction} action
   * @param {Map<string, Draft>} before the entries as they were: a sent one is gone now
   */
  #carryOut(action, before) {
    if (action.do === 'store') this.#store(action.client_id);
    if (action.do === 'forget') this.#forget(action.client_id);
    if (action.do === 'sent') this.#sent(before.get(action.client_id), action.seq);
    if (action.do === 'failed' || action.do === 'ask') this.listeners.onFailed(action.client_id);
    if (action.do === 'rejoin') this.listeners.onRejoin();
    if (action.do === 'lookup') this.#lookUp(action.client_ids);
    if (action.do === 'send') this.#send(action);
    if (action.do === 'cancel') this.#timers.cancel(action.name);
    if (action.do === 'timer') this.#timers.start(action.name, action.ms, () => this.handle({ do: 'timer', name: action.name }));
  }

  /** @param {string} clientId */
  #store(clientId) {
    const entry = this.outbox.entries.find((one) => one.client_id === clientId);
    if (!entry) return;
    const { client_id, content, put_at, author } = entry;
    this.#stored.set(clientId, this.storage.put(this.room, { client_id, content, put_at, author }).catch(() => {}));
  }

  /** @param {string} clientId */
  #forget(clientId) {
    const stored = this.#stored.get(clientId) ?? Promise.resolve();
    this.#stored.delete(clientId);
    this.#gone.add(clientId);
    stored.then(() => this.storage.remove(this.room, clientId)).catch(() => {});
  }

  /**
   * @param {Draft | undefined} draft
   * @param {number} seq
   */
  #sent(draft, seq) {
    if (draft) this.listeners.onSent({ ...draft, seq });
  }

  /** @param {{client_id: string, content: string, retry: boolean}} message */
  async #send({ client_id, content, retry }) {
    await this.#stored.get(client_id);
    if (this.outbox.inFlight !== client_id) return;
    const payload = { room: this.room, client_id, content, ...(retry ? { retry } : {}) };
    const ack = await this.connection.request('message', payload, null);
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
