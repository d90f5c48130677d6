/**
 * All emoji there are to choose from, and those that somebody may mean by a word: by the names that people know from
 * elsewhere (`:joy:`), then by what they show, then by other words.
 *
 * @typedef {{emoji: string, names: string[], label: string, words: string[]}} Emoji  `label`: what it shows, in words
 * @typedef {{name: string, all: Emoji[]}} EmojiGroup
 */

import { GROUPS } from '../../../vendor/emoji.js';

/** @type {EmojiGroup[]} */
export const EMOJI_GROUPS = GROUPS.map(([name, rows]) => ({ name, all: rows.map(emojiOf) }));
const ALL = EMOJI_GROUPS.flatMap(({ all }) => all);

/** @param {string} row @returns {Emoji} */
function emojiOf(row) {
  const [emoji, names, label, words] = row.split('\t');
  const known = names.split(' ');
  return { emoji, names: known, label: label || known[0].replaceAll('_', ' '), words: words.split(' ') };
}

/** What each begins with, to be looked through at each letter that is typed: its names, the words of what it shows, all words. */
const BEGINNINGS = ALL.map((emoji) => {
  const shown = `${emoji.names.join(' ')} ${emoji.label.toLowerCase()}`.split(/[^\p{L}\p{N}+-]+/u);
  return { emoji, names: emoji.names, shown: ` ${shown.join(' ')}`, all: ` ${[...shown, ...emoji.words].join(' ')}` };
});

/**
 * The best first: of names that begin so, the shortest; of two alike, the one that stands first in its group.
 *
 * @param {string} typed one word or more, of which each has to fit
 * @param {number} most
 */
export function findEmoji(typed, most) {
  const wanted = typed.toLowerCase().split(/[\s_:]+/).filter((word) => word !== '');
  if (wanted.length === 0) return [];
  const found = BEGINNINGS.map((one) => ({ emoji: one.emoji, rank: rankOf(one, wanted) })).filter(({ rank }) => rank < Infinity);
  return found.sort((a, b) => a.rank - b.rank).slice(0, most).map(({ emoji }) => emoji);
}

/** The lower the better. @param {typeof BEGINNINGS[number]} emoji @param {string[]} wanted */
function rankOf({ names, shown, all }, wanted) {
  if (!wanted.every((word) => all.includes(` ${word}`))) return Infinity;
  const whole = wanted.join('_');
  if (names.includes(whole)) return 0;
  const begun = names.filter((name) => name.startsWith(whole)).map((name) => name.length);
  if (begun.length > 0) return 2 - 1 / Math.min(...begun);
  return wanted.every((word) => shown.includes(` ${word}`)) ? 2 : 3;
}
