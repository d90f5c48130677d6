/** What is said about a link to whoever sees it; what is copied is the link itself. */

/** Letters, digits and pictures, which look like what they are, and mean nothing in an address. */
const READABLE = /^(?!\p{Default_Ignorable_Code_Point})[\p{L}\p{M}\p{N}\p{Extended_Pictographic}]$/u;
/** In such a script the codes that are left would stand in another order than they are meant. */
const FROM_THE_RIGHT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;
export const ONLY_HERE_WORDS = 'This address works only on this computer. To let others in, start the chat with HOST=0.0.0.0.';
const ONLY_HERE = /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/;

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

/** Whether no other device can open it. @param {string} link */
export function isOnlyHere(link) {
  return ONLY_HERE.test(new URL(link).hostname);
}
