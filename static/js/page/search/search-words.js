/** What is said of a search, in words. */

import { plural, spanInWords } from '../text/times.js';

const HINT = 'Words, or a “phrase” in quotation marks.';
const WAITS = new Set(['not_connected', 'no_answer']);

/**
 * @param {{phase: import('../../chat/messages/search.js').Phase, count: number, refusal: import('../../chat/types.js').Refusal | null,
 *   retentionMs: number}} search
 */
export function searchWords({ phase, count, refusal, retentionMs }) {
  if (phase === 'idle') return HINT;
  if (phase === 'refused') return refusal?.message ?? 'The server refused to look for that.';
  if (phase === 'searching') return searchingWords(count, refusal);
  if (phase === 'paused') return `The newest ${plural(count, 'message')}`;
  const span = Number.isFinite(retentionMs) ? ` in the last ${spanInWords(retentionMs)}` : '';
  return count === 0 ? `Nothing found${span}` : `${plural(count, 'message')} found${span}`;
}

/** @param {number} count @param {import('../../chat/types.js').Refusal | null} refusal */
function searchingWords(count, refusal) {
  if (refusal !== null && WAITS.has(refusal.code)) return 'Waiting for the connection…';
  if (refusal !== null) return 'Searching goes on in a moment…';
  return count === 0 ? 'Searching…' : 'Searching further back…';
}

/** How much was looked through, where nothing says it yet. @param {number} looked */
export function progressWords(looked) {
  return looked > 0 ? `${looked.toLocaleString('en')} messages so far` : '';
}
