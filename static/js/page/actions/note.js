/** A word above the composer about what one has just done; what comes next takes its place. Another place says it to a screen reader. */

import { part, setText } from '../dom/element.js';

/** @type {ReturnType<typeof setTimeout> | undefined} */
let going;

/**
 * @param {string} said
 * @param {number} forMs
 * @param {Node[]} [more] what can be done about it
 */
export function note(said, forMs, more = []) {
  setText(part('status', HTMLElement), said);
  fill(said, more);
  going = setTimeout(() => fill('', []), forMs);
}

export function unsay() {
  fill('', []);
}

/**
 * The focus does not get lost with a button.
 *
 * @param {string} said
 * @param {Node[]} more
 */
function fill(said, more) {
  const box = part('note', HTMLElement);
  const hadFocus = box.contains(document.activeElement);
  clearTimeout(going);
  box.replaceChildren(...(said === '' ? [] : [said]), ...more);
  if (hadFocus) (box.querySelector('button') ?? part('composer-input', HTMLElement)).focus();
}
