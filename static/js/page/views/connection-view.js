/**
 * Shows the connection line, and tells a screen reader when it changes for longer than a moment.
 */

import { part, setText } from '../element.js';

/** @typedef {import('../connection-words.js').ConnectionLine} ConnectionLine */

const ACTIONS = { retry: 'Retry now', 'sign-in': 'Sign in' };
const MOMENT_MS = 1_500;

export class ConnectionView {
  #box = part('connection', HTMLElement);
  #words = part('connection-words', HTMLElement);
  #action = part('connection-action', HTMLButtonElement);
  #status = part('status', HTMLElement);
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #telling;
  #told = '';

  /** @param {{onRetry: () => void, onSignIn: () => void}} actions */
  constructor({ onRetry, onSignIn }) {
    this.#action.addEventListener('click', () => (this.#box.dataset.state === 'signed-out' ? onSignIn() : onRetry()));
  }

  /** @param {ConnectionLine} line */
  show({ state, words, action }) {
    setText(this.#words, words);
    setText(this.#action, action ? ACTIONS[action] : '');
    this.#action.hidden = action === null;
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
