/**
 * One socket after the other, for ever: connecting, greeted, lost, waiting, connecting again.
 *
 * A request is answered exactly once, whatever happens: by the server, by time, or by the end of
 * the connection; the last two look like a retryable refusal. Nothing is kept for later here:
 * what must not be lost is the outbox's.
 */

import { Emitter } from '../emitter.js';
import { NamedTimers } from '../timing/named-timers.js';
import { Reconnect } from './reconnect.js';

const ATTEMPT_MS = 15_000;
const ANSWER_MS = 10_000;
const SIGNED_OUT = new Set(['unauthorized', 'token_expired', 'signed_out']);

/**
 * @typedef {import('../types.js').Hello} Hello
 * @typedef {import('../types.js').Bye} Bye
 * @typedef {import('../types.js').Refusal} Refusal
 * @typedef {import('../types.js').Socket} Socket
 * @typedef {{state: 'idle' | 'connecting' | 'online' | 'signed-out'} | {state: 'waiting', retryAt: number}
 *   | {state: 'refused', code: string}} ConnectionStatus  `connecting` is every attempt, the first and the later ones
 * @typedef {{status: ConnectionStatus, online: Hello, lost: null}} ConnectionEvents
 */

/** @extends {Emitter<ConnectionEvents>} */
export class Connection extends Emitter {
  /** @type {ConnectionStatus} */
  status = { state: 'idle' };
  /** @type {Hello | null} the newest greeting */
  hello = null;
  #reconnect = new Reconnect();
  /** @type {Socket | null} */
  #socket = null;
  /** What is heard of the server itself, by name. @type {Map<string, Set<(value: any) => void>>} */
  #heard = new Map();
  /** Ends of the requests that wait for an answer. @type {Set<(refusal: Refusal) => void>} */
  #unanswered = new Set();
  #timers;

  /**
   * @param {{open: (lostInARow: number) => Socket, timers: import('../types.js').Timers,
   *   clock: import('../types.js').Clock, random: import('../types.js').Random}} ports
   */
  constructor({ open, timers, clock, random }) {
    super();
    this.open = open;
    this.clock = clock;
    this.random = random;
    this.#timers = new NamedTimers(timers);
  }

  /** Connects, unless it is connected or on its way: at the start, after signing in, and for “Retry now”. */
  start() {
    if (this.status.state === 'connecting' || this.status.state === 'online') return;
    this.#timers.cancel('wait');
    this.#connect();
  }

  /** Lets go for good. */
  stop() {
    this.#end({ state: 'idle' });
  }

  /** The connection is open but does not answer: away with it. */
  drop() {
    if (this.#socket) this.#lost();
  }

  /**
   * @param {string} name
   * @param {Record<string, unknown>} payload
   * @param {number | null} [answerMs] `null`: as long as the connection lasts
   * @returns {Promise<any>} the ack, `{ok: true, …}` or `{ok: false, error}`
   */
  request(name, payload, answerMs = ANSWER_MS) {
    return new Promise((resolve) => {
      const refuse = (/** @type {Refusal} */ error) => answer({ ok: false, error });
      const timer = answerMs && this.#timers.timers.start(answerMs, () => refuse(NO_ANSWER));
      const answer = (/** @type {any} */ ack) => {
        if (timer) this.#timers.timers.stop(timer);
        this.#unanswered.delete(refuse);
        resolve(ack);
      };
      if (this.status.state !== 'online') return refuse(NOT_CONNECTED);
      this.#unanswered.add(refuse);
      this.#socket?.emit(name, payload, answer);
    });
  }

  /**
   * @param {string} name
   * @param {Record<string, unknown>} payload
   */
  send(name, payload) {
    if (this.status.state === 'online') this.#socket?.emit(name, payload);
  }

  /**
   * Hears what the server says by itself, on every connection. Call it before the first.
   *
   * @param {string} name
   * @param {(value: any) => void} listener
   */
  hear(name, listener) {
    const listeners = this.#heard.get(name) ?? new Set();
    this.#heard.set(name, listeners.add(listener));
  }

  #connect() {
    const socket = this.open(this.#reconnect.attempt);
    this.#socket = socket;
    this.#setStatus({ state: 'connecting' });
    this.#timers.start('attempt', ATTEMPT_MS, () => this.#lost());
    /** @param {string} name @param {(value: any) => void} listener */
    const on = (name, listener) => socket.on(name, (value) => socket === this.#socket && listener(value));
    on('hello', (hello) => this.#greeted(hello));
    on('bye', (bye) => this.#dismissed(bye));
    on('connect_error', (error) => this.#refused(error?.data));
    on('disconnect', () => this.#lost());
    for (const [name, listeners] of this.#heard) for (const listener of listeners) on(name, listener);
  }

  /** @param {Hello} hello */
  #greeted(hello) {
    this.#timers.cancel('attempt');
    this.#reconnect.handle({ do: 'online' });
    this.hello = hello;
    this.#setStatus({ state: 'online' });
    this.emit('online', hello);
  }

  /** @param {Bye} bye */
  #dismissed(bye) {
    if (SIGNED_OUT.has(bye.code)) this.#end({ state: 'signed-out' });
    else if (bye.retry) this.#lost(bye.after_ms);
    else this.#end({ state: 'refused', code: bye.code });
  }

  /** @param {Refusal | undefined} refusal nothing: the server was not reached */
  #refused(refusal) {
    if (refusal?.code && SIGNED_OUT.has(refusal.code)) this.#end({ state: 'signed-out' });
    else if (refusal?.retryable === false) this.#end({ state: 'refused', code: refusal.code });
    else this.#lost(refusal?.retry_after_ms);
  }

  /** @param {number} [afterMs] */
  #lost(afterMs) {
    const random = this.random();
    const [{ ms }] = this.#reconnect.handle({ do: 'lost', random, ...(afterMs === undefined ? {} : { after_ms: afterMs }) });
    this.#end({ state: 'waiting', retryAt: this.clock() + ms });
    this.#timers.start('wait', ms, () => this.#connect());
  }

  /** @param {ConnectionStatus} status */
  #end(status) {
    const wasOnline = this.status.state === 'online';
    const socket = this.#socket;
    this.#socket = null;
    this.#timers.cancelAll();
    socket?.disconnect();
    this.#setStatus(status);
    for (const refuse of [...this.#unanswered]) refuse(NOT_CONNECTED);
    if (wasOnline) this.emit('lost', null);
  }

  /** @param {ConnectionStatus} status */
  #setStatus(status) {
    this.status = status;
    this.emit('status', status);
  }
}

/** @type {Refusal} */
const NOT_CONNECTED = { code: 'not_connected', message: 'There is no connection.', retryable: true };
/** @type {Refusal} */
const NO_ANSWER = { code: 'no_answer', message: 'The server did not answer.', retryable: true };
