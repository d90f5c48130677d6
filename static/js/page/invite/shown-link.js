/** What is said about a link to whoever sees it; what is copied is the link itself. */

import { BASE } from '../browser/place.js';

/** Letters, digits and pictures, which look like what they are, and mean nothing in an address. */
const READABLE = /^(?!\p{Default_Ignorable_Code_Point})[\p{L}\p{M}\p{N}\p{Extended_Pictographic}]$/u;
/** In such a script the codes that are left would stand in another order than they are meant. */
const FROM_THE_RIGHT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;
const ONLY_HERE_WORDS = 'This address works only on this computer. To let others in, start the chat with HOST=0.0.0.0.';
const ONLY_HERE = /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/;

/** Addresses that lead somewhere else in every network. */
const IN_NETWORK = /^(10|192\.168|172\.(1[6-9]|2\d|3[01])|169\.254)\.\d|^\[f[cde]|^[^.[]+$|\.(local|lan|internal|home\.arpa)$/;

/**
 * The link to hand on: where the page was opened on the machine that the chat runs on, others find it elsewhere.
 *
 * @param {string} link
 * @param {string} [othersAt] as the page was told, if there is such an address
 */
export function forOthers(link, othersAt) {
  return othersAt && isOnlyHere(link) ? othersAt + new URL(link).pathname.slice(BASE.length) : link;
}

/** What to do with it. @param {string} link */
export function whatToDoWith(link) {
  if (isOnlyHere(link)) return ONLY_HERE_WORDS;
  return isInNetwork(link) ? 'Send this link to the people in your network.' : 'Send this link to the people you want here.';
}

/** Who can follow it, and how. @param {string} link */
export function whoCanFollow(link) {
  if (isOnlyHere(link)) return ONLY_HERE_WORDS;
  return `Anybody${isInNetwork(link) ? ' in your network' : ''} who has this link can come in. A phone can read it off the screen.`;
}

/** For reading: letters of any script instead of their codes; all else stays as it is. @param {string} link */
export function readable(link) {
  const shown = inLetters(link);
  return shown.includes('%') && FROM_THE_RIGHT.test(shown) ? link : shown;
}

/** @param {string} link */
function inLetters(link) {
  return link.replace(/(?:%[0-9a-f]{2})+/gi, (codes) => {
    try {
      return [...decodeURIComponent(codes)].map((char) => (READABLE.test(char) ? char : encodeURIComponent(char))).join('');
    } catch {
      return codes;
    }
  });
}

/** Whether only devices of the same network can. @param {string} link */
function isInNetwork(link) {
  return IN_NETWORK.test(new URL(link).hostname);
}

/** Whether no other device can open it. @param {string} link */
export function isOnlyHere(link) {
  return ONLY_HERE.test(new URL(link).hostname);
}
