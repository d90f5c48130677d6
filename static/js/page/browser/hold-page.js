/** Asking first, where a page that goes would lose something. */

const holders = /** @type {Set<string>} */ (new Set());

/** @param {string} what there is to lose @param {boolean} isHeld */
export function holdPage(what, isHeld) {
  if (isHeld) holders.add(what);
  else holders.delete(what);
  if (holders.size > 0) window.addEventListener('beforeunload', askFirst);
  else window.removeEventListener('beforeunload', askFirst);
}

/** @param {Event} event */
function askFirst(event) {
  event.preventDefault();
}
