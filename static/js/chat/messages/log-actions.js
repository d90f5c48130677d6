/**
 * What a log says of its rows: these came, those went, others are not what they were.
 *
 * @typedef {import('../types.js').LogEvent} LogEvent
 * @typedef {import('./log-words.js').LogAction} LogAction
 */

import { isRow } from './range.js';

const OF_ROWS = new Set(['hide', 'show']);

/** @param {LogEvent[]} events @returns {LogAction[]} */
export function show(events) {
  const seqs = events.filter(isRow).map((event) => event.seq);
  return seqs.length > 0 ? [{ do: 'show', seqs }] : [];
}

/** @param {number[]} seqs @returns {LogAction[]} */
export function hide(seqs) {
  return seqs.length > 0 ? [{ do: 'hide', seqs }] : [];
}

/**
 * Rows that came or went anyway are told of once.
 *
 * @param {LogAction[]} actions
 * @param {number[]} changed
 * @returns {LogAction[]}
 */
export function withChanged(actions, changed) {
  const told = new Set(actions.flatMap((action) => ('seqs' in action ? action.seqs : [])));
  const seqs = changed.filter((seq) => !told.has(seq));
  if (seqs.length === 0) return actions;
  const [ofRows, others] = [true, false].map((isIt) => actions.filter((action) => OF_ROWS.has(action.do) === isIt));
  return [...ofRows, { do: 'changed', seqs }, ...others];
}
