/** Asking first, where a page that goes would lose something. */

const holders = /** @type {Set<string>} */ (new Set());
let isReleased = false;

/** @param {string} what there is to lose @param {boolean} isHeld */
export function holdPage(what, isHeld) {
  if (isHeld) holders.add(what);
  else holders.delete(what);
  askWhere(holders.size > 0 && !isReleased);
}

/** From now on it is not asked: the person has said that all may be lost. */
export function releasePage() {
  isReleased = true;
  askWhere(false);
}

/** @param {boolean} isHeld */
function askWhere(isHeld) {
  if (isHeld) window.addEventListener('beforeunload', askFirst);
  else window.removeEventListener('beforeunload', askFirst);
}

/** @param {Event} event */
function askFirst(event) {
  event.preventDefault();
}
