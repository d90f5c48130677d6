/**
 * Files that are dropped on the room or pasted into it. They cannot be sent: that is said, and the page stays where it
 * is instead of making way for a picture.
 */

const WORDS = 'Pictures and files cannot be sent here, only text.';

/** @param {(words: string) => void} say */
export function refuseFiles(say) {
  /** @param {DragEvent | ClipboardEvent} event */
  const refuse = (event) => {
    if (!isOfFiles('dataTransfer' in event ? event.dataTransfer : event.clipboardData)) return;
    event.preventDefault();
    if (event.type !== 'dragover') say(WORDS);
  };
  document.addEventListener('dragover', refuse); // or else there is no drop
  document.addEventListener('drop', refuse);
  document.addEventListener('paste', refuse);
}

/** A picture that an office program copies along with its text is text. @param {DataTransfer | null} transfer */
function isOfFiles(transfer) {
  return transfer !== null && transfer.types.includes('Files') && !transfer.types.includes('text/plain');
}
