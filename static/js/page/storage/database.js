/**
 * A database of this browser (IndexedDB), which has one store. It may hang, when it is opened or at any question: here is
 * where that is bounded, for all who ask.
 */

import { CircuitBreaker } from '../browser/circuit-breaker.js';
import { BASE } from '../browser/place.js';

/** A disk that takes longer for what it is given is as good as none. */
const SLOWEST_BYTES_A_MS = 1_000;

export class Database {
  #breaker = new CircuitBreaker();
  /** @type {Promise<IDBDatabase> | null} */
  #opened = null;

  /**
   * @param {{name: string, store: string, make: (database: IDBDatabase) => void}} what `name`: that of another chat on this host,
   *   under another path, is another one; `make`: the store, where there is none yet
   */
  constructor(what) {
    this.what = what;
  }

  /**
   * A database that does not answer is none.
   *
   * @template T
   * @param {IDBTransactionMode} mode
   * @param {(store: IDBObjectStore) => Promise<T>} work
   * @param {number} [bytes] that it has to write
   * @returns {Promise<T>}
   * @throws {import('../browser/circuit-breaker.js').TimedOut} after two seconds, and as many more as the bytes may take
   */
  use(mode, work, bytes = 0) {
    return this.#breaker.guard(this.#ask(mode, work), bytes / SLOWEST_BYTES_A_MS);
  }

  /**
   * @template T
   * @param {IDBTransactionMode} mode
   * @param {(store: IDBObjectStore) => Promise<T>} work
   */
  async #ask(mode, work) {
    const { store } = this.what;
    this.#opened ??= this.#open();
    this.#opened.catch(() => (this.#opened = null)); // the next one tries again
    return work((await this.#opened).transaction(store, mode).objectStore(store));
  }

  async #open() {
    const request = indexedDB.open(this.what.name + BASE, 1);
    request.addEventListener('upgradeneeded', () => this.what.make(request.result));
    const database = await done(request);
    // Who signs out elsewhere does not have to wait for this tab.
    database.addEventListener('versionchange', () => {
      database.close();
      this.#opened = null;
    });
    return database;
  }
}

/**
 * @template T
 * @param {IDBRequest<T>} request
 * @returns {Promise<T>}
 */
export function done(request) {
  return new Promise((resolve, reject) => {
    request.addEventListener('success', () => resolve(request.result));
    request.addEventListener('error', () => reject(request.error));
  });
}
