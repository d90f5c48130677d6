/**
 * A socket whose library is on its way: the largest script of the page, without which what the page brought can be shown.
 *
 * @typedef {import('../../chat/types.js').Socket} Socket
 * @typedef {typeof import('../../../vendor/socket.io.js').io} Io
 */

export class ComingSocket {
  /** @type {Socket | null} */
  #socket = null;
  #isOver = false;
  /** @type {[string, (value: any) => void][]} */
  #listeners = [];

  /** @param {(io: Io) => Socket} open */
  constructor(open) {
    import('../../../vendor/socket.io.js').then(({ io }) => this.#come(() => open(io)), () => this.#fail());
  }

  /**
   * @param {string} name
   * @param {(value: any) => void} listener
   */
  on(name, listener) {
    this.#listeners.push([name, listener]);
  }

  /**
   * @param {string} name
   * @param {...any} args
   */
  emit(name, ...args) {
    this.#socket?.emit(name, ...args);
  }

  disconnect() {
    this.#isOver = true;
    this.#socket?.disconnect();
  }

  /** @param {() => Socket} open */
  #come(open) {
    if (this.#isOver) return;
    this.#socket = open();
    for (const [name, listener] of this.#listeners) this.#socket.on(name, listener);
  }

  /** A browser does not ask again for a script that did not come: only the whole page can be. */
  #fail() {
    for (const [name, listener] of this.#listeners) if (name === 'connect_error') listener({ data: { code: 'page_incomplete', retryable: false } });
  }
}
