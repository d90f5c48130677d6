/**
 * The outbox on disk (IndexedDB): what was written survives a reload and a crash.
 *
 * Every entry belongs to one person and one tab. A tab loads its own, whoever wrote them in it, and
 * takes over what the same person left in tabs that are gone; never what a living one has, so that no
 * message is flushed by two. Where another tab never gives the turn to look, one takes up one's own alone.
 *
 * A message is sent when it is stored, or when storage has let it wait too long: then it is written when it can be.
 *
 * @typedef {import('../../chat/types.js').Draft} Draft
 * @typedef {Draft & {room: string, device: string}} StoredDraft
 */

import { orLate } from '../browser/circuit-breaker.js';
import { done } from './database.js';
import { outbox } from './outbox-database.js';

/**
 * @param {{user: () => string, tab: import('../browser/living-tabs.js').Tab}} owner
 * @returns {import('../../chat/types.js').OutboxStorage}
 */
export function outboxStorage({ user, tab }) {
  const { device } = tab;
  const isOwn = (/** @type {StoredDraft} */ entry) => entry.device === device;
  // The page begins without what comes late, and takes it up when it does.
  const adopted = (/** @type {string} */ room, /** @type {(entry: StoredDraft) => boolean} */ isOurs) => (
    orLate(outbox.use('readwrite', (store) => adopt(store, { room, isOurs, device })))
  );
  return {
    load: async (room) => {
      try {
        return await tab.alone(async () => {
          const living = await tab.living();
          return adopted(room, (entry) => isOwn(entry) || (entry.author?.id === user() && !living.has(entry.device)));
        });
      } catch {
        return adopted(room, isOwn);
      }
    },
    put: async (room, draft) => void (await outbox.use('readwrite', (store) => done(store.put({ ...draft, room, device })))),
    remove: (_room, clientId) => outbox.use('readwrite', (store) => done(store.delete(clientId))),
  };
}

/**
 * @param {IDBObjectStore} store
 * @param {{room: string, isOurs: (entry: StoredDraft) => boolean, device: string}} which
 * @returns {Promise<Draft[]>}
 */
async function adopt(store, { room, isOurs, device }) {
  const entries = /** @type {StoredDraft[]} */ (await done(store.index('room').getAll(room))).filter(isOurs);
  for (const entry of entries) if (entry.device !== device) store.put({ ...entry, device });
  return entries.sort((a, b) => a.put_at - b.put_at);
}
