/** The outbox's database in this browser, and what a landing page wants of it: how much waits, and to forget it. */

import { CircuitBreaker } from '../browser/circuit-breaker.js';
import { BASE } from '../browser/place.js';

/** What the database of their files is called: see file-storage.js, which comes with the first of them. */
export const FILES = 'chat-files';

const breaker = new CircuitBreaker();

/** @returns {Promise<IDBDatabase>} */
export async function openDatabase() {
  const request = indexedDB.open(`chat${BASE}`, 1);
  request.addEventListener('upgradeneeded', () => {
    request.result.createObjectStore('outbox', { keyPath: 'client_id' }).createIndex('room', 'room');
  });
  const database = await done(request);
  // Who wants to change or remove it does not have to wait for this tab.
  database.addEventListener('versionchange', () => database.close());
  return database;
}

/** How many messages of anybody wait here, in any room; none where there is no storage. */
export async function unsentCount() {
  try {
    return await use('readonly', (store) => done(store.count()));
  } catch {
    return 0;
  }
}

/** The same by room. @returns {Promise<Map<string, number>>} */
export async function unsentByRoom() {
  const counts = /** @type {Map<string, number>} */ (new Map());
  try {
    const waiting = await use('readonly', (store) => done(store.getAll()));
    for (const { room } of waiting) counts.set(room, (counts.get(room) ?? 0) + 1);
  } catch {
    // Then there is none.
  }
  return counts;
}

export async function forgetUnsent() {
  try {
    indexedDB.deleteDatabase(FILES + BASE);
    await use('readwrite', (store) => done(store.clear()));
  } catch {
    // Then there is none.
  }
}

/** @param {number} writtenBefore on this machine’s clock */
export async function forgetUnsentBefore(writtenBefore) {
  try {
    await use('readwrite', async (store) => {
      for (const { client_id, put_at } of await done(store.getAll())) if (put_at <= writtenBefore) store.delete(client_id);
    });
  } catch {
    // Then there is none.
  }
}

/**
 * A database that does not answer is none.
 *
 * @template T
 * @param {IDBTransactionMode} mode
 * @param {(store: IDBObjectStore) => Promise<T>} work
 */
function use(mode, work) {
  return breaker.guard(openDatabase().then((database) => work(outboxOf(database, mode))));
}

/**
 * @param {IDBDatabase} database
 * @param {IDBTransactionMode} mode
 */
export function outboxOf(database, mode) {
  return database.transaction('outbox', mode).objectStore('outbox');
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
