/**
 * The bytes of files whose message waits (IndexedDB): they survive a reload, and go with it. A database of their own, so that an older
 * page finds the outbox as it knows it. Those that were chosen and not sent yet lie here too: see draft-files.js.
 *
 * @typedef {{key: string, client_id: string, room: string, bytes: Blob, at: number}} KeptFile
 */

import { BASE } from '../browser/place.js';
import { FILES, done } from './outbox-database.js';

const STORE = 'files';

/** @type {Promise<IDBDatabase> | null} */
let opened = null;

/** @returns {import('../../chat/types.js').FileStorage} */
export function fileStorage() {
  return {
    keep: async (file) => {
      const files = await store('readwrite');
      const kept = whole(files.transaction);
      files.put({ ...file, at: Date.now() });
      await kept;
    },
    bytesOf: async (key) => {
      const kept = /** @type {KeptFile | undefined} */ (await done((await store('readonly')).get(key)));
      return kept?.bytes ?? null;
    },
    remove: async (keys) => {
      const files = await store('readwrite');
      for (const key of keys) files.delete(key);
    },
  };
}

/** No longer than messages stay in the chat. @param {number} before on this machine's clock */
export async function forgetFilesBefore(before) {
  try {
    const files = await store('readwrite');
    const cursors = files.openCursor();
    cursors.addEventListener('success', () => {
      if (cursors.result?.value.at <= before) cursors.result?.delete();
      cursors.result?.continue();
    });
  } catch {
    // Then there is none.
  }
}

/** That there is no room may show only at its end. @param {IDBTransaction} transaction @returns {Promise<void>} */
export function whole(transaction) {
  return new Promise((resolve, reject) => {
    transaction.addEventListener('complete', () => resolve());
    for (const end of ['error', 'abort']) transaction.addEventListener(end, () => reject(transaction.error ?? new Error('Not kept.')));
  });
}

/** @param {IDBTransactionMode} mode */
export async function store(mode) {
  opened ??= open();
  opened.catch(() => (opened = null));
  return (await opened).transaction(STORE, mode).objectStore(STORE);
}

async function open() {
  const request = indexedDB.open(FILES + BASE, 1);
  request.addEventListener('upgradeneeded', () => request.result.createObjectStore(STORE, { keyPath: 'key' }));
  const database = await done(request);
  // Who signs out elsewhere does not have to wait for this tab.
  database.addEventListener('versionchange', () => {
    database.close();
    opened = null;
  });
  return database;
}
