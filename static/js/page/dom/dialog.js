/** What all dialogs have in common. */

/**
 * Opens it at its beginning: the browser scrolls to what has the focus first, which may stand at the end.
 *
 * @param {HTMLDialogElement} dialog
 */
export function showDialog(dialog) {
  dialog.showModal();
  dialog.scrollTop = 0;
}

/** A click beside what it shows closes it. @param {HTMLDialogElement} dialog */
export function closesOnBackdrop(dialog) {
  dialog.addEventListener('click', ({ target }) => target === dialog && dialog.close());
}
