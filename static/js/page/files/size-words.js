/** How large a file is, in words. */

const UNITS = ['bytes', 'KB', 'MB', 'GB'];

/** In the units in which people count them, as in “2.4 MB”. @param {number} bytes */
export function sizeInWords(bytes) {
  const step = Math.min(UNITS.length - 1, Math.floor(Math.log(Math.max(bytes, 1)) / Math.log(1024)));
  const amount = bytes / 1024 ** step;
  return `${amount.toFixed(step > 0 && amount < 10 ? 1 : 0)} ${UNITS[step]}`;
}
