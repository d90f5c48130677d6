/** Asking first, where a page that goes would lose something. */

/** @param {boolean} isHeld */
export function holdPage(isHeld) {
  if (isHeld) window.addEventListener('beforeunload', askFirst);
  else window.removeEventListener('beforeunload', askFirst);
}

/** @param {Event} event */
function askFirst(event) {
  event.preventDefault();
}
