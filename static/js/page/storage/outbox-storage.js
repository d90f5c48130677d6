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

import { CircuitBreaker } from '../browser/circuit-breaker.js';
import { done, openDatabase, outboxOf } from './outbox-database.js';

/**
 * @param {{user: () => string, tab: import('../browser/living-tabs.js').Tab}} owner
 * @returns {import('../../chat/types.js').OutboxStorage}
 */
export function outboxStorage({ user, tab }) {
  const database = openDatabase();
  // A browser without storage: each use is told, and there may be none yet.
  database.catch(() => {});
  const breaker = new CircuitBreaker();
  const isOwn = (/** @type {StoredDraft} */ entry) => entry.device === tab.device;
  const put = async (/** @type {StoredDraft} */ entry) => {
    await done(outboxOf(await database, 'readwrite').put(entry));
  };
  return {
    load: async (room) => {
      try {
        return await tab.alone(async () => {
          const living = await tab.living();
          const isOurs = (/** @type {StoredDraft} */ entry) => isOwn(entry) || (entry.author?.id === user() && !living.has(entry.device));
          return adopt(await database, room, isOurs, tab.device);
        });
      } catch {
        return adopt(await database, room, isOwn, tab.device);
      }
    },
    put: (room, draft) => breaker.guard(put({ ...draft, room, device: tab.device })),
    remove: async (_room, clientId) => {
      await done(outboxOf(await database, 'readwrite').delete(clientId));
    },
  };
}

/**
 * @param {IDBDatabase} database
 * @param {string} room
 * @param {(entry: StoredDraft) => boolean} isOurs
 * @param {string} device
 * @returns {Promise<Draft[]>}
 */
async function adopt(database, room, isOurs, device) {
  const store = outboxOf(database, 'readwrite');
  const entries = /** @type {StoredDraft[]} */ (await done(store.index('room').getAll(room))).filter(isOurs);
  for (const entry of entries) if (entry.device !== device) store.put({ ...entry, device });
  return entries.sort((a, b) => a.put_at - b.put_at);
}
