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

/**
 * A click beside what it shows closes it; not the end of one that began elsewhere, as with a finger that has opened it and lets
 * go.
 *
 * @param {HTMLDialogElement} dialog
 */
export function closesOnBackdrop(dialog) {
  let beganBeside = false;
  dialog.addEventListener('pointerdown', ({ target }) => (beganBeside = target === dialog));
  dialog.addEventListener('click', ({ target }) => {
    if (beganBeside && target === dialog) dialog.close();
    beganBeside = false;
  });
}
