/** Where the outbox lies in this browser: see outbox-storage.js. */

import { Database, done } from './database.js';

export const outbox = new Database({
  name: 'chat', store: 'outbox', make: (database) => database.createObjectStore('outbox', { keyPath: 'client_id' }).createIndex('room', 'room'),
});

/** @param {number} writtenBefore on this machine’s clock */
export async function forgetUnsentBefore(writtenBefore) {
  try {
    await outbox.use('readwrite', async (store) => {
      for (const { client_id, put_at } of await done(store.getAll())) if (put_at <= writtenBefore) store.delete(client_id);
    });
  } catch {
    // Then there is none.
  }
}
