/** How large a file is, in words. */

import { plural } from '../text/times.js';

const UNITS = ['KB', 'MB', 'GB'];

/** In the units in which people count them, as in “2.4 MB”. @param {number} bytes */
export function sizeInWords(bytes) {
  if (bytes < 1024) return plural(bytes, 'byte');
  const step = Math.min(UNITS.length, Math.floor(Math.log(bytes) / Math.log(1024)));
  const amount = bytes / 1024 ** step;
  return `${amount.toFixed(amount < 10 ? 1 : 0)} ${UNITS[step - 1]}`;
}
