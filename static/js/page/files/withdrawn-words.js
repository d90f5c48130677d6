/** Why files that were chosen are not here any more, where nobody has taken them out. */

import { plural, spanInWords } from '../text/times.js';
import { properFileName } from './file-names.js';

/** @typedef {{file: {key: string, name: string}, at: number}} Withdrawn  `at`: when it was chosen */

/**
 * @template {Withdrawn} One
 * @param {One[]} files
 * @param {{isElsewhere: (file: One) => boolean, now: number, retentionMs: number}} how `isElsewhere`: it waits in another tab
 * @returns {string} nothing: who has sent them, or has signed out, in another tab knows
 */
export function withdrawnWords(files, { isElsewhere, now, retentionMs }) {
  const moved = files.filter(isElsewhere);
  const old = files.filter((file) => !isElsewhere(file) && file.at <= now - retentionMs);
  const words = [];
  if (moved.length > 0) words.push('What you chose here is in another tab of this room now.');
  if (old.length > 0) words.push(`${which(old)} not here any more: what is not sent goes after ${spanInWords(retentionMs)}, as messages do.`);
  return words.join(' ');
}

/** @param {Withdrawn[]} files */
function which(files) {
  return files.length === 1 ? `“${properFileName(files[0].file.name)}” is` : `${plural(files.length, 'file')} are`;
}
