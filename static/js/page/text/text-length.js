/**
 * What a text is for the server: how long, in code points of its composed form, not what JavaScript counts; and
 * whether there is anything to see in it (`chatapp/rooms/sight.py`, held by the same vectors).
 */

const LIMIT = 4_000;
const WARN_FROM = LIMIT * 0.9;
/** Composing may make a text longer, by this factor at most. */
const MOST_GROWTH = 3;
const VISIBLE = /[^\p{White_Space}\p{Cc}\p{Default_Ignorable_Code_Point}\u2800\ufff9-\ufffc]/u;

/** What is sent of what was typed: empty lines around it go, the indentation of its first line stays. @param {string} typed */
export function writtenOf(typed) {
  return typed.trimEnd().replace(/^(?:[^\S\n]*\n)+/, '');
}

/** Whether a reader has nothing before their eyes: white space, controls, and whatever else shows nothing. @param {string} text */
export function showsNothing(text) {
  return !VISIBLE.test(text);
}

/** @param {string} text */
export function lengthOf(text) {
  return [...text.normalize('NFC')].length;
}

/**
 * What the counter says, which is short, for it stands beside the text: nothing until the last tenth.
 *
 * @param {string} text
 * @returns {{words: string, over: number}} `over`: characters that have to go
 */
export function counterOf(text) {
  const left = LIMIT - (text.length * MOST_GROWTH >= WARN_FROM ? lengthOf(text) : 0);
  if (left > LIMIT - WARN_FROM) return { words: '', over: 0 };
  return left >= 0 ? { words: `${left} left`, over: 0 } : { words: `${-left} too many`, over: -left };
}
