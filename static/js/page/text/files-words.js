/**
 * Files in words: what was sent.
 *
 * @typedef {{type: string, alt?: string}} Said
 */

import { plural } from './times.js';

/** What they all are. @param {Said[]} files */
function nounOf(files) {
  const all = (/** @type {string} */ kind) => files.every(({ type }) => type.startsWith(kind));
  if (all('image/')) return 'photo';
  if (all('video/')) return 'video';
  return all('audio/') ? 'recording' : 'file';
}

/** As in “a photo”, “3 files”. @param {Said[]} files */
export function filesInWords(files) {
  const noun = nounOf(files);
  return files.length === 1 ? `a ${noun}` : plural(files.length, noun);
}

/** What is answered, of which one knows only how many files it has. @param {string} excerpt @param {number} files */
export function quotedWords(excerpt, files) {
  return [excerpt, files > 0 ? plural(files, 'file') : ''].filter(Boolean).join(' · ');
}

/** For who does not see it: what a message says, and what was sent with it or instead. @param {{content?: string, uploads?: Said[]}} body */
export function saidIn({ content = '', uploads = [] }) {
  if (uploads.length === 0) return content;
  if (content !== '') return `${content}, with ${filesInWords(uploads)}`;
  const [{ alt }] = uploads;
  return `sent ${filesInWords(uploads)}${uploads.length === 1 && alt ? `: ${alt}` : ''}`;
}
