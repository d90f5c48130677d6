/** The ways out of a room: one leaves before one goes, and is not kept from going. */

const LONGEST_MS = 300;

/**
 * @param {string} href
 * @param {(answerMs: number) => Promise<void>} leave
 */
export async function leaveFor(href, leave) {
  await leave(LONGEST_MS);
  location.assign(href);
}

/**
 * Anything but a plain click on the link (another tab, a download) is no leaving.
 *
 * @param {HTMLAnchorElement} link
 * @param {(answerMs: number) => Promise<void>} leave
 */
export function leaveBefore(link, leave) {
  link.addEventListener('click', (event) => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    void leaveFor(link.href, leave);
  });
}
