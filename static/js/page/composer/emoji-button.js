/** Puts an emoji into what one writes, where the caret is. */

import { part } from '../dom/element.js';
import { pickEmoji } from '../emoji/pick-emoji.js';

/**
 * @param {HTMLTextAreaElement} input
 * @param {(words: string) => unknown} onProblem
 */
export function offerEmoji(input, onProblem) {
  const opener = part('composer-emoji', HTMLButtonElement);
  opener.addEventListener('click', async () => {
    try {
      const emoji = await pickEmoji(opener);
      if (emoji !== null) write(input, emoji);
    } catch {
      onProblem('The emoji cannot be loaded. Please try again.');
    }
  });
}

/** @param {HTMLTextAreaElement} input @param {string} text */
function write(input, text) {
  input.focus();
  input.setRangeText(text, input.selectionStart, input.selectionEnd, 'end');
  input.dispatchEvent(new InputEvent('input', { bubbles: true }));
}
