/**
 * Finds the links in what people write: http and https, also where only “www.” says so, and never markup.
 *
 * The text is cut into pieces whose concatenation is the text again; which of them are links is all
 * that is decided here.
 *
 * @typedef {{text: string, href: string | null}} Piece
 */

const CANDIDATE = /(?:https?:\/\/|(?<![\p{L}\p{N}_@.:/-])www\.)[^\s<>"'`{}|\\^]+/giu;
const DOMAIN = /^www(\.[^.]+){2,}$/i;
const PUNCTUATION = new Set('.,;:!?…*_~');

/**
 * @param {string} text
 * @returns {Piece[]}
 */
export function linkify(text) {
  const pieces = /** @type {Piece[]} */ ([]);
  let end = 0;
  for (const { 0: found, index } of text.matchAll(CANDIDATE)) {
    const address = withoutPunctuation(found);
    const href = hrefOf(address);
    if (href === null) continue;
    if (index > end) pieces.push({ text: text.slice(end, index), href: null });
    pieces.push({ text: address, href });
    end = index + address.length;
  }
  if (end < text.length || text === '') pieces.push({ text: text.slice(end), href: null });
  return pieces;
}

/** The sentence’s full stop is not the link’s, nor is a bracket that was opened before it. @param {string} found */
function withoutPunctuation(found) {
  const surplus = { ')': surplusOf(found, '(', ')'), ']': surplusOf(found, '[', ']') };
  let end = found.length;
  for (; end > 0; end -= 1) {
    const last = found[end - 1];
    const isBracket = last === ')' || last === ']';
    if (isBracket ? surplus[last] <= 0 : !PUNCTUATION.has(last)) break;
    if (isBracket) surplus[last] -= 1;
  }
  return found.slice(0, end);
}

/**
 * How many more are closed than opened.
 *
 * @param {string} text
 * @param {string} opening
 * @param {string} closing
 */
function surplusOf(text, opening, closing) {
  return text.split(closing).length - text.split(opening).length;
}

/** @param {string} written */
function hrefOf(written) {
  const hasScheme = /^https?:/i.test(written);
  const address = hasScheme ? written : `https://${written}`;
  if (!URL.canParse(address)) return null;
  const { protocol, hostname, href } = new URL(address);
  return (protocol === 'http:' || protocol === 'https:') && (hasScheme || DOMAIN.test(hostname)) ? href : null;
}
