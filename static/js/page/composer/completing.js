/** Completes `:sho` and `@an` while one writes: what it takes is loaded with the first such word. */

/** A word that may be one of these, before the caret. */
const MAY_BEGIN = /(?:^|[\s(]):[\p{L}\p{N}_+-]{2}|@/u;

/**
 * @param {HTMLTextAreaElement} input
 * @param {import('../../chat/messages/calling.js').Calling} calling whom one may call
 * @returns {() => void} closes what is offered: the text was written by the page, which no event tells
 */
export function complete(input, calling) {
  let isComing = false;
  let close = () => {};
  input.addEventListener('input', async () => {
    if (isComing || !MAY_BEGIN.test(input.value)) return;
    isComing = true;
    try {
      const { completionOf } = await import('./completion.js');
      const completion = completionOf(input, calling);
      close = () => completion.close();
      void completion.look();
    } catch {
      isComing = false; // one can write without; the next word tries again
    }
  });
  return () => close();
}
