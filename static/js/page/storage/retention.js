/** What one wrote and never sent stays in this browser: no longer than messages stay in the chat, and not after signing out (unsent.js). */

import { keepItem, keptItem } from '../browser/browser-storage.js';
import { forgetDraftsBefore } from './draft.js';
import { forgetUnsentBefore } from './outbox-database.js';

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

export function rememberedRetentionMs() {
  return Number(keptItem(KEY)) || USUAL_MS;
}
