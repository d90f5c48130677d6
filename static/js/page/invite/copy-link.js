/** Copies a link, and says so to a screen reader; or says what it is, where pages may not copy. */

import { copyText } from '../browser/clipboard.js';
import { setText } from '../dom/element.js';

/**
 * @param {string} link
 * @param {{said: string, status: HTMLElement, onProblem: (words: string) => void}} how  `said` in the status, once it is copied
 * @returns {Promise<boolean>} whether it is in the clipboard now
 */
export async function copyLink(link, { said, status, onProblem }) {
  const isCopied = await copyText(link);
  if (isCopied) setText(status, said);
  else onProblem(`This browser does not let pages copy. The link is ${link}`);
  return isCopied;
}
