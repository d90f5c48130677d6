/**
 * The link out of a room: one leaves before one goes, and is not kept from going.
 *
 * Anything but a plain click (another tab, a download) is no leaving.
 */

const LONGEST_MS = 300;

/**
 * @param {HTMLAnchorElement} link
 * @param {(answerMs: number) => Promise<void>} leave
 */
export function leaveBefore(link, leave) {
  link.addEventListener('click', async (event) => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    await leave(LONGEST_MS);
    location.assign(link.href);
  });
}
