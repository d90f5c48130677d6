/** A button that copies a link, and says itself that it is done: where else would one look? */

import { setText } from '../dom/element.js';

const SAID_MS = 2_500;

/**
 * @param {HTMLButtonElement} button
 * @param {() => Promise<boolean>} copy whether the link is in the clipboard now
 */
export function saysWhenCopied(button, copy) {
  const words = button.textContent ?? '';
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let going;
  button.addEventListener('click', async () => {
    if (!(await copy())) return;
    setText(button, 'Link copied');
    clearTimeout(going);
    going = setTimeout(() => setText(button, words), SAID_MS);
  });
}
