/** Says something to those who listen, also if the same was said before. */

import { part, setText } from './element.js';

/** A reader hears of what has changed: in between there has to be nothing, for longer than it takes to notice. */
const PAUSE_MS = 100;

/** @type {ReturnType<typeof setTimeout> | undefined} */
let going;

/** @param {string} words */
export function sayAnew(words) {
  const status = part('status', HTMLElement);
  clearTimeout(going);
  setText(status, '');
  going = setTimeout(() => setText(status, words), PAUSE_MS);
}
