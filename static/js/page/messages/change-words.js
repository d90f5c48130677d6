/**
 * What became of a change to a message of one's own that is not known to be stored yet: it waits as messages do, or was
 * refused.
 *
 * @typedef {import('../../chat/types.js').Refusal} Refusal
 * @typedef {NonNullable<import('../../chat/messages/timeline.js').MessageLine['change']>} Change
 */

import { refusalWords } from './refusal-words.js';

const WORDS = new Map([
  ['target_gone', 'The message is not there any more.'],
  ['forbidden', 'Only who wrote it can do that.'],
  ['too_many', 'There are as many different ones as a message can have.'],
]);
const NOT_DONE = { edit: 'Your change is not saved.', delete: 'The message is not deleted.' };

/** What waits for a person’s answer. */
const REFUSED = new Set(['failed', 'conflict', 'old', 'paused']);

/** @param {Pick<Change, 'state'>} change */
export function isRefused({ state }) {
  return REFUSED.has(state);
}

/**
 * @param {Pick<Change, 'kind' | 'state' | 'refusal'>} change
 * @param {boolean} isOnline
 */
export function changeWords({ kind, state, refusal }, isOnline) {
  if (!isRefused({ state })) return isOnline || state === 'sent' ? '' : 'The change waits for the connection';
  return `${NOT_DONE[kind]} ${whyWords(state, refusal)}`;
}

/**
 * @param {Change['state']} state
 * @param {Refusal | null} refusal
 */
function whyWords(state, refusal) {
  if (state === 'conflict') return 'The message has other words by now.';
  if (state === 'old') return 'It has waited for an hour: is it still wanted?';
  return state === 'paused' ? 'It was made under another name.' : refusedWords(refusal);
}

/** Why a change was refused for good. @param {Refusal | null} refusal */
export function refusedWords(refusal) {
  return WORDS.get(refusal?.code ?? '') ?? refusalWords(refusal);
}
