/**
 * Opens a dialog at its beginning: the browser scrolls to what has the focus first, which may stand at the end.
 *
 * @param {HTMLDialogElement} dialog
 */
export function showDialog(dialog) {
  dialog.showModal();
  dialog.scrollTop = 0;
}
