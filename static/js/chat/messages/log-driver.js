/**
 * Drives the log, which decides (see log.js): its actions go to the connection, the answers back.
 *
 * An answer to a join of an earlier connection is recognised by its number and dropped.
 */

import { NamedTimers } from '../timing/named-timers.js';
import { RoomLog } from './log.js';

const PAGE = 100;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 10_000;
/** Without an action nothing has changed. A list that scrolls asks often. */
const WISHES = new Set(['expire', 'older', 'fill', 'around']);

/**
 * @typedef {import('./log-words.js').LogInput} LogInput
 * @typedef {import('./log-words.js').LogAction} LogAction
 * @typedef {import('../types.js').LogEvent} LogEvent
 * @typedef {import('../types.js').JoinAck} JoinAck
 * @typedef {import('../types.js').HistoryQuestion} HistoryQuestion
 * @typedef {import('../types.js').Refusal} Refusal
 * @typedef {'live' | 'join' | 'history' | 'other'} Cause
 * @typedef {{onJoined: (ack: JoinAck) => void, onRestart: () => void, onRefused: (refusal: Refusal) => void,
 *   onDelayed: (refusal: Refusal, ms: number) => void,
 *   onEvents: (events: LogEvent[], cause: Cause) => void, onChange: (shown: number[], cause: Cause) => void,
 *   onChanged: (seqs: number[]) => void}} LogListeners
 *   `onRestart`: the log is another one than before; `onDelayed`: refused for now, and asked again after so long;
 *   `onChanged`: messages that were here are others now, or not here any more
 */

export class LogDriver {
  log = new RoomLog();
  /** @type {import('../types.js').Hears} */
  hears = { event: (event) => this.#event(event) };
  #timers;
  #joins = 0;
  #joinsRefused = 0;

  /**
   * @param {{room: string, connection: import('../connection/connection.js').Connection, timers: import('../types.js').Timers,
   *   fetchHistory: import('../types.js').FetchHistory} & LogListeners} ports
   */
  constructor({ room, connection, timers, fetchHistory, ...listeners }) {
    this.room = room;
    this.connection = connection;
    this.fetchHistory = fetchHistory;
    this.listeners = listeners;
    this.#timers = new NamedTimers(timers);
  }

  open() {
    this.#timers.cancel('join');
    this.handle({ do: 'open' });
  }

  closed() {
    this.#joins += 1;
    this.#timers.cancel('join');
    this.handle({ do: 'closed' });
  }

  /**
   * The newest page, for a room that cannot be joined yet.
   *
   * @param {number} retentionMs
   * @returns {Promise<boolean>} whether it is there
   */
  async read(retentionMs) {
    const ack = await this.#history({});
    if (ack.ok) this.page(ack, retentionMs);
    return ack.ok;
  }

  /**
   * The newest page is here, by whatever way it came.
   *
   * @param {import('../types.js').HistoryAck} ack
   * @param {number} retentionMs
   */
  page(ack, retentionMs) {
    const { stream } = this.log;
    this.listeners.onEvents(ack.events, 'history');
    this.handle({ do: 'page', ack, retention_ms: retentionMs }, 'history');
    if (stream !== null && stream !== this.log.stream) this.listeners.onRestart();
  }

  /** @param {LogEvent} event */
  #event(event) {
    this.listeners.onEvents([event], 'live');
    this.handle({ do: 'event', event }, 'live');
  }

  /**
   * @param {LogInput} input
   * @param {Cause} [cause]
   */
  handle(input, cause = 'other') {
    const actions = this.log.handle(input);
    if (actions.length === 0 && WISHES.has(input.do)) return;
    for (const action of actions) this.#carryOut(action);
    this.listeners.onChange(seqsOf(actions, 'show'), cause);
    const changed = [...seqsOf(actions, 'hide'), ...seqsOf(actions, 'changed')];
    if (changed.length > 0) this.listeners.onChanged(changed);
  }

  /** @param {LogAction} action */
  #carryOut(action) {
    if (action.do === 'join') this.#join(action.since);
    if (action.do === 'history') this.#ask(requestOf(action));
    if (action.do === 'cancel') this.#timers.cancel(action.name);
    if (action.do === 'timer') this.#timers.start(action.name, action.ms, () => this.handle({ do: 'timer', name: 'gap' }));
  }

  /** @param {{stream: string, seq: number} | null} since */
  async #join(since) {
    const number = (this.#joins += 1);
    const ack = await this.connection.request('join', { room: this.room, limit: PAGE, ...(since ? { since } : {}) });
    if (number !== this.#joins) return;
    if (ack.ok) this.#joined(ack, since?.stream);
    else this.#refused(ack.error);
  }

  /**
   * @param {JoinAck} ack
   * @param {string | undefined} streamBefore
   */
  #joined(ack, streamBefore) {
    this.#joinsRefused = 0;
    this.listeners.onEvents(ack.events, 'join');
    this.handle({ do: 'join_ack', ack }, 'join');
    if (streamBefore !== undefined && (ack.stream !== streamBefore || ack.reason === 'ahead')) this.listeners.onRestart();
    this.listeners.onJoined(ack);
  }

  /** @param {Refusal} refusal */
  #refused(refusal) {
    if (!refusal.retryable) return this.listeners.onRefused(refusal);
    if (refusal.code === 'not_connected') return;
    const ms = refusal.retry_after_ms ?? Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.#joinsRefused);
    this.#joinsRefused += 1;
    this.listeners.onDelayed(refusal, ms);
    this.#timers.start('join', ms, () => this.open());
  }

  /** @param {import('../types.js').HistoryRequest} request */
  async #ask(request) {
    const ack = await this.#history(request);
    if (!ack.ok) return this.handle({ do: 'history_failed', request, retry_after_ms: ack.error.retry_after_ms });
    this.listeners.onEvents(ack.events, 'history');
    this.handle({ do: 'history_ack', request, ack }, 'history');
  }

  /** @param {import('../types.js').HistoryRequest} request */
  #history(request) {
    const question = { room: this.room, limit: PAGE, ...request };
    return this.log.phase === 'joined' ? this.connection.request('history', question) : this.fetchHistory(question);
  }
}

/** @param {Extract<LogAction, {do: 'history'}>} action @returns {import('../types.js').HistoryRequest} */
function requestOf({ do: _, ...request }) {
  return request;
}

/**
 * @param {LogAction[]} actions
 * @param {'show' | 'hide' | 'changed'} name
 */
function seqsOf(actions, name) {
  return actions.flatMap((action) => (action.do === name ? action.seqs : []));
}
