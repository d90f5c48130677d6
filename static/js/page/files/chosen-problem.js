/** What is wrong with files that were chosen, before a byte of them is sent. */

import { properFileName } from './file-names.js';
import { sizeInWords } from './size-words.js';

/**
 * @param {{name: string, size: number}[]} files
 * @param {{maxBytes: number, most: number, held: number}} room `most`: files of a message; `held`: those that it has
 * @returns {string} every reason; nothing: there is none
 */
export function chosenProblem(files, { maxBytes, most, held }) {
  const problems = [];
  const [empty, tooLarge] = [files.find(({ size }) => size === 0), files.find(({ size }) => size > maxBytes)];
  const fitting = files.filter((file) => fits(file, maxBytes));
  if (tooLarge) problems.push(`“${properFileName(tooLarge.name)}” is too large: it has ${sizeInWords(tooLarge.size)}, and a file has at most ${sizeInWords(maxBytes)} here.`);
  if (empty) problems.push(`There is nothing in “${properFileName(empty.name)}”.`);
  if (held + fitting.length > most) problems.push(`A message has at most ${most} files. The others are left out.`);
  return problems.join(' ');
}

/** @param {{size: number}} file @param {number} maxBytes */
export function fits({ size }, maxBytes) {
  return size > 0 && size <= maxBytes;
}
