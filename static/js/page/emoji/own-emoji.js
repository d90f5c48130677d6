/** What somebody has chosen before: emoji they use, and the colour of skin these are to have. It is kept in this browser. */

import { get, set } from '../storage/settings.js';

const MOST = 16;
/** None, and the five of Unicode, from light to dark. */
export const TONES = ['', '🏻', '🏼', '🏽', '🏾', '🏿'];
const TAKES_TONE = /(\p{Emoji_Modifier_Base})\ufe0f?/gu;

/** @returns {string[]} the newest first */
export function recentEmoji() {
  return get('emoji').split(' ').filter((one) => one !== '');
}

/** @param {string} emoji */
export function rememberEmoji(emoji) {
  set('emoji', [emoji, ...recentEmoji().filter((one) => one !== emoji)].slice(0, MOST).join(' '));
}

export function ownTone() {
  return TONES[Number(get('skin'))] ?? '';
}

/** @param {string} tone */
export function rememberTone(tone) {
  set('skin', tone === '' ? '' : String(TONES.indexOf(tone)));
}

/** With everybody in it of this colour. @param {string} emoji @param {string} tone */
export function toned(emoji, tone) {
  return tone === '' ? emoji : emoji.replace(TAKES_TONE, `$1${tone}`);
}
