/**
 * The bytes of files whose message waits (IndexedDB): they survive a reload, and go with it. A database of their own, so that an older
 * page finds the outbox as it knows it. Those that were chosen and not sent yet lie here too: see draft-files.js.
 *
 * @typedef {{key: string, client_id: string, room: string, bytes: Blob, at: number}} KeptFile
 */

import { BASE } from '../browser/place.js';
import { Database, done } from './database.js';

/** What the window hears when they are all forgotten, also those that were not kept yet. */
export const FORGOTTEN = 'filesforgotten';
const NAME = 'chat-files';

export const files = new Database({ name: NAME, store: 'files', make: (database) => database.createObjectStore('files', { keyPath: 'key' }) });

/** @returns {import('../../chat/types.js').FileStorage} */
export function fileStorage() {
  return {
    keep: (file) => putWhole({ ...file, at: Date.now() }),
    bytesOf: async (key) => {
      const kept = /** @type {KeptFile | undefined} */ (await files.use('readonly', (store) => done(store.get(key))));
      return kept?.bytes ?? null;
    },
    remove: (keys) => files.use('readwrite', async (store) => keys.forEach((key) => store.delete(key))),
  };
}

/** @param {{key: string, bytes: Blob} & Record<string, unknown>} kept @returns {Promise<void>} rejects where there is no room, or no answer in time */
export function putWhole(kept) {
  const put = (/** @type {IDBObjectStore} */ store) => {
    store.put(kept);
    return whole(store.transaction);
  };
  return files.use('readwrite', put, kept.bytes.size);
}

/** No longer than messages stay in the chat. @param {number} before on this machine's clock */
export async function forgetFilesBefore(before) {
  const forget = async (/** @type {IDBObjectStore} */ store) => {
    const cursors = store.openCursor();
    cursors.addEventListener('success', () => {
      if (cursors.result?.value.at <= before) cursors.result?.delete();
      cursors.result?.continue();
    });
  };
  await files.use('readwrite', forget).catch(() => {}); // then there is none
}

/** On signing out. Other tabs make way for it when they can: nobody waits for them. */
export function forgetFiles() {
  window.dispatchEvent(new Event(FORGOTTEN));
  indexedDB.deleteDatabase(NAME + BASE);
}

/** That there is no room may show only at its end. @param {IDBTransaction} transaction @returns {Promise<void>} */
export function whole(transaction) {
  return new Promise((resolve, reject) => {
    transaction.addEventListener('complete', () => resolve());
    for (const end of ['error', 'abort']) transaction.addEventListener(end, () => reject(transaction.error ?? new Error('Not kept.')));
  });
}
