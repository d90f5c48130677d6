/**
 * What was written in this browser and not sent, by anybody, in any room and tab: how much it is, and that it is forgotten.
 *
 * @typedef {{messages: number, drafts: number, files: number}} Unsent  `files`: that were chosen; those of a message are its own
 */

import { keptItem } from '../browser/browser-storage.js';
import { releasePage } from '../browser/hold-page.js';
import { BASE } from '../browser/place.js';
import { done } from './database.js';
import { PREFIX, STORES, forgetDraftsBefore } from './draft.js';
import { forgetFiles } from './file-storage.js';
import { outbox } from './outbox-database.js';
import { forgetRooms } from './settings.js';

/** Where there is no storage, nothing is in it. @returns {Promise<Unsent>} */
export async function unsent() {
  const kept = STORES.flatMap(keptIn);
  return {
    messages: await outbox.use('readonly', (store) => done(store.count())).catch(() => 0),
    drafts: kept.filter(({ text, before, isTaken }) => text && text !== before && !isTaken).length,
    files: kept.flatMap(({ keys = [] }) => keys).length,
  };
}

/** How many messages wait, by room. @returns {Promise<Map<string, number>>} */
export async function unsentByRoom() {
  const counts = /** @type {Map<string, number>} */ (new Map());
  const waiting = await outbox.use('readonly', (store) => done(store.getAll())).catch(() => []);
  for (const { room } of waiting) counts.set(room, (counts.get(room) ?? 0) + 1);
  return counts;
}

/** On signing out; nor does this browser then tell in which rooms one was. */
export async function forgetAll() {
  releasePage();
  const forgotten = forgetDatabases(); // first: what hears of it notes what it has
  forgetDraftsBefore(Infinity);
  forgetRooms(BASE);
  await forgotten;
}

async function forgetDatabases() {
  try {
    forgetFiles();
    await outbox.use('readwrite', (store) => done(store.clear()));
  } catch {
    // Then there is none.
  }
}

/**
 * Drafts, what one makes of messages that were sent, and the marks of chosen files.
 *
 * @param {() => Storage} store
 * @returns {{text?: string, before?: string, isTaken?: boolean, keys?: string[]}[]}
 */
function keptIn(store) {
  try {
    return Object.keys(store()).filter((key) => key.startsWith(PREFIX)).map((key) => parsed(keptItem(key, store)));
  } catch {
    return []; // switched off
  }
}

/** @param {string | null} kept */
function parsed(kept) {
  try {
    return JSON.parse(kept ?? '') ?? {};
  } catch {
    return {};
  }
}
