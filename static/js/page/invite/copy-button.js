/** A button that copies a link, and says itself that it is done: where else would one look? */

import { button, setText } from '../dom/element.js';

const SAID_MS = 2_500;

/**
 * @param {string} label
 * @param {string} className
 * @param {() => Promise<boolean>} copy whether the link is in the clipboard now
 */
export function copyButton(label, className, copy) {
  const made = button(label, className, () => {});
  saysWhenCopied(made, copy);
  return made;
}

/**
 * @param {HTMLButtonElement} copier
 * @param {() => Promise<boolean>} copy
 */
export function saysWhenCopied(copier, copy) {
  const words = copier.textContent ?? '';
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let going;
  copier.addEventListener('click', async () => {
    if (!(await copy())) return;
    setText(copier, 'Link copied');
    clearTimeout(going);
    going = setTimeout(() => setText(copier, words), SAID_MS);
  });
}
