/** Whether a text is but a few emoji, which are shown large. */

const MOST = 3;
const LONGEST = 80;
const PICTURE = '(?:(?!\\p{RI})\\p{EPres}|\\p{ExtPict}(?=\\ufe0f|\\p{EMod}|\\u200d))(?:\\ufe0f|\\p{EMod})?';
const EMOJI = `(?:\\p{RI}\\p{RI}|[0-9#*]\\ufe0f\\u20e3|${PICTURE}(?:\\u200d\\p{ExtPict}(?:\\ufe0f|\\p{EMod})?)*[\\u{e0020}-\\u{e007f}]*)`;
const ALONE = new RegExp(`^\\s*(?:${EMOJI}\\s*){1,${MOST}}$`, 'u');

/** @param {string} text */
export function isEmojiAlone(text) {
  return text.length <= LONGEST && ALONE.test(text);
}
