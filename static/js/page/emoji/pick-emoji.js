/** Asks somebody for an emoji. What that takes is loaded when it is wanted. */

let isOpen = false;

/**
 * Rejects, if what it takes cannot be loaded.
 *
 * @param {HTMLElement} anchor beside it the question is asked
 * @returns {Promise<string | null>} nothing: closed without an answer, or asked already
 */
export async function pickEmoji(anchor) {
  if (isOpen) return null;
  isOpen = true;
  try {
    const { EmojiPicker } = await import('./emoji-picker.js');
    return await new EmojiPicker().ask(anchor);
  } finally {
    isOpen = false;
  }
}
