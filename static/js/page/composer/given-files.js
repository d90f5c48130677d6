/** What was pasted or dropped: files, or text. */

/** What an office program copies has the form of the text, with a picture of it: that is text. @param {readonly string[]} types */
export function isOfFiles(types) {
  const isFormed = types.includes('text/plain') && (types.includes('text/html') || types.includes('text/rtf'));
  return types.includes('Files') && !isFormed;
}

/** A folder is none. @param {DataTransfer} transfer */
export function filesIn({ items }) {
  return [...items].flatMap((item) => (item.kind === 'file' && !item.webkitGetAsEntry()?.isDirectory ? (item.getAsFile() ?? []) : []));
}
