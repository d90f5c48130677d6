/** How a file is called: as the server takes it, whatever a machine has made of it. */

const LONGEST_BYTES = 255;
/** What shows nothing, turns a line around, or is a path. */
const CONTROLS = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/gu;
/** The same in a text, which has lines. */
const CONTROLS_OF_TEXTS = /(?!\n)[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu;
/** The half of a character that is none. */
const LONELY = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
const PATH = /[/\\]/g;

/** @param {string} name */
export function properFileName(name) {
  const clean = name.replace(LONELY, '').normalize('NFC').replace(CONTROLS, '').replace(PATH, '_').trim();
  return shortenedTo(/^\.*$/.test(clean) ? 'file' : clean, LONGEST_BYTES);
}

/** What is said of a picture. @param {string} text */
export function properDescription(text) {
  return text.replace(LONELY, '').replace(CONTROLS_OF_TEXTS, '').trim();
}

/** Its ending stays. @param {string} name @param {number} most bytes */
function shortenedTo(name, most) {
  const ending = /\.[^.]{1,16}$/.exec(name)?.[0] ?? '';
  const letters = [...name.slice(0, name.length - ending.length)];
  while (bytesOf(letters.join('') + ending) > most) letters.pop();
  return letters.join('') + ending;
}

/** @param {string} text */
function bytesOf(text) {
  return new TextEncoder().encode(text).length;
}
