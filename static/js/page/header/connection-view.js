/**
 * Shows the connection line, and tells a screen reader when it changes for longer than a moment.
 */

import { part, setText } from '../dom/element.js';
import { connectionLine } from './connection-words.js';

/** @typedef {import('./connection-words.js').ConnectionLine} ConnectionLine */

const ACTIONS = { retry: 'Retry now', 'sign-in': 'Sign in', reload: 'Load it again' };
const MOMENT_MS = 1_500;

export class ConnectionView {
  #box = part('connection', HTMLElement);
  #words = part('connection-words', HTMLElement);
  #action = part('connection-action', HTMLButtonElement);
  #status = part('status', HTMLElement);
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #telling;
  #told = '';
  /** @type {ConnectionLine['action']} */
  #offered = null;
  #wasOnline = false;

  /**
   * @param {{room: import('../../chat/room.js').Room, time: (ts: number) => string, onRetry: () => void, onSignIn: () => void,
   *   onGone: () => void}} ports  `onGone`: the button goes that has the focus
   */
  constructor({ room, time, onRetry, onSignIn, onGone }) {
    this.room = room;
    this.time = time;
    this.onGone = onGone;
    const actions = { retry: onRetry, 'sign-in': onSignIn, reload: () => location.reload() };
    this.#action.addEventListener('click', () => this.#offered && actions[this.#offered]());
  }

  show() {
    const { connection, status, log, waitingCount, hasUnkept, fallback: { asOf } } = this.room;
    this.#wasOnline ||= status.state === 'joined';
    this.#say(connectionLine({
      connection: connection.status, room: status, catchingUp: log.catchingUp, waiting: waitingCount, hasUnkept, wasOnline: this.#wasOnline,
      hasNetwork: navigator.onLine, now: Date.now(), asOf: asOf === null ? null : this.time(asOf),
    }));
  }

  /** @param {ConnectionLine} line */
  #say({ state, words, action }) {
    setText(this.#words, words);
    setText(this.#action, action ? ACTIONS[action] : '');
    if (action === null && this.#action === document.activeElement) this.onGone();
    this.#action.hidden = action === null;
    this.#offered = action;
    if (this.#box.dataset.state === state) return;
    this.#box.dataset.state = state;
    clearTimeout(this.#telling);
    this.#telling = setTimeout(() => this.#tell(state, words), MOMENT_MS);
  }

  /**
   * @param {string} state
   * @param {string} words
   */
  #tell(state, words) {
    if (this.#told === state || (this.#told === '' && state === 'online')) return;
    this.#told = state;
    setText(this.#status, words);
  }
}
