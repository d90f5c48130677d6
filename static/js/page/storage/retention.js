/**
 * What one wrote and never sent stays in this browser: no longer than messages stay in the chat, and not
 * after signing out; nor does it then tell in which rooms one was.
 */

import { keepItem, keptItem } from '../browser/browser-storage.js';
import { BASE } from '../browser/place.js';
import { forgetDrafts, forgetDraftsBefore } from './draft.js';
import { forgetUnsent, forgetUnsentBefore } from './outbox-database.js';
import { forgetRooms } from './settings.js';

const KEY = 'retention_ms';
const USUAL_MS = 86_400_000;

/** How long the server keeps messages, as it said last. @param {number} ms */
export function rememberRetention(ms) {
  keepItem(KEY, String(ms));
}

export async function forgetWhatIsOld() {
  const before = Date.now() - rememberedRetentionMs();
  forgetDraftsBefore(before);
  await forgetUnsentBefore(before);
}

export async function forgetAll() {
  forgetDrafts();
  forgetRooms(BASE);
  await forgetUnsent();
}

export function rememberedRetentionMs() {
  return Number(keptItem(KEY)) || USUAL_MS;
}
