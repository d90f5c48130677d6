/**
 * Finds the links in what people write: http and https, also where only “www.” says so, and never markup.
 *
 * The text is cut into pieces whose concatenation is the text again; which of them are links is all that is decided
 * here. Nobody separates an address from the sentence in every script: a link ends with the first character that is not
 * seen, that turns a line around, or that is punctuation of the sentence in any script. tests/js/links.test.js has
 * the vectors.
 *
 * @typedef {{text: string, href: string | null}} Piece
 */

/** “www.” is no part of a word; some scripts write their words without spaces. */
const UNSPACED = '[\\p{sc=Han}\\p{sc=Hira}\\p{sc=Kana}\\p{sc=Hang}\\p{sc=Thai}\\p{sc=Laoo}\\p{sc=Khmr}\\p{sc=Mymr}]';
const START = new RegExp(`https?://|(?:(?<![\\p{L}\\p{M}\\p{N}_@.:/-])|(?<=${UNSPACED}))www\\.`, 'giu');
/** Most texts have none, and this tells it quickly. */
const MAY_HAVE = /:\/\/|www\./i;
const DOMAIN = /^www(\.[^.]+){2,}$/i;

/** Letters of any script, but those that are not seen, and not the beginning of the next address. */
const LETTER = '(?:(?!\\p{DI}|https?://)[\\p{L}\\p{M}\\p{N}])';
const LABEL = `${LETTER}(?:(?:${LETTER}|[_-])*${LETTER})?`;
/** The last label is of one alphabet: “example.comを” is a host and a word. */
const ASCII_LETTER = '(?:(?!https?://)[a-z0-9])';
const LAST_LABEL = `${ASCII_LETTER}(?:(?:${ASCII_LETTER}|[_-])*${ASCII_LETTER})?|(?:(?![\\0-\\x7f])${LETTER})+`;
const HOST = `(?:(?:${LABEL}\\.)*(?:${LAST_LABEL})|\\[[\\da-f:.]+\\])(?:\\.(?=[/?#]|:\\d))?(?::\\d{1,5}(?!\\d))?(?!@)`;
const AUTHORITY = new RegExp(`(?:[\\w.~!$&*+=%:-]+@)?${HOST}`, 'iuy');

const ASCII = '[!#-;=?-Z\\[\\]^_a-z{|}~]';
const OTHER = '(?![\\0-\\x7f]|\\p{DI}|[\\u2800\\ufffc\\ufffd])[\\p{L}\\p{M}\\p{N}\\p{Sc}\\p{So}\\p{EMod}]';
/** Marks that some languages have within their words, and what joins the parts of an emoji. */
const WITHIN_WORDS = '(?<=[\\p{L}\\p{M}\\p{N}])[’–·‐‑‧・׳״־་\\u200c\\u200d](?=(?!\\p{DI})[\\p{L}\\p{N}])';
const WITHIN_EMOJI = '(?<=\\p{ExtPict})\\ufe0f|(?<=[\\p{ExtPict}\\p{EMod}\\ufe0f])\\u200d(?=\\p{ExtPict})';
const REST = new RegExp(`(?=[/?#])(?:${ASCII}|${OTHER}|${WITHIN_WORDS}|${WITHIN_EMOJI})+`, 'uy');

const CLOSING = new Map([['(', ')'], ['[', ']'], ['{', '}']]);
/** After these an address may stand within another one. */
const HOLDS_ADDRESS = /[/=?#&:@]$/;
const LETTERS_AROUND = /[\p{L}\p{M}\p{N}]'[\p{L}\p{N}]/uy;
const AT_END_NOT_ITS_OWN = '.,;:!?*_~|\'([{';

/**
 * @param {string} text
 * @returns {Piece[]}
 */
export function linkify(text) {
  if (!MAY_HAVE.test(text)) return [{ text, href: null }];
  const pieces = /** @type {Piece[]} */ ([]);
  let end = 0;
  for (const { 0: start, index } of text.matchAll(START)) {
    if (index < end) continue;
    const address = addressAt(text, index, start);
    const href = hrefOf(address);
    if (href === null) continue;
    if (index > end) pieces.push({ text: text.slice(end, index), href: null });
    pieces.push({ text: address, href });
    end = index + address.length;
  }
  if (end < text.length || text === '') pieces.push({ text: text.slice(end), href: null });
  return pieces;
}

/**
 * @param {string} text
 * @param {number} index where it begins
 * @param {string} start with this
 */
function addressAt(text, index, start) {
  const authority = matchAt(AUTHORITY, text, start.endsWith('/') ? index + start.length : index);
  if (authority === null) return '';
  const host = text.slice(index, AUTHORITY.lastIndex);
  const rest = matchAt(REST, text, AUTHORITY.lastIndex) ?? '';
  return host + withoutPunctuation(rest.slice(0, endOf(rest, text[index - 1] === '\'')));
}

/** @param {RegExp} pattern @param {string} text @param {number} at */
function matchAt(pattern, text, at) {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? null;
}

/**
 * Where a bracket or a quote closes that was opened before it, or another address begins.
 *
 * @param {string} rest
 * @param {boolean} isQuoted
 */
function endOf(rest, isQuoted) {
  const closing = /** @type {string[]} */ ([]);
  for (const { 0: sign, index } of rest.matchAll(/[()[\]{}']|https?:\/\/|www\./gi)) {
    const closes = CLOSING.get(sign);
    if (closes) closing.push(closes);
    else if (sign.length > 1 && beginsAnother(rest.slice(0, index), sign)) return index;
    else if (sign === '\'' && isQuoted && matchAt(LETTERS_AROUND, rest, index - 1) === null) return index;
    else if (sign !== '\'' && sign.length === 1 && !takeLast(closing, sign)) return index;
  }
  return rest.length;
}

/** @param {string[]} closing @param {string} sign */
function takeLast(closing, sign) {
  const at = closing.lastIndexOf(sign);
  if (at >= 0) closing.splice(at, 1);
  return at >= 0;
}

/** @param {string} before @param {string} start */
function beginsAnother(before, start) {
  return start.endsWith('/') ? !HOLDS_ADDRESS.test(before) : /[,;|]$/.test(before);
}

/** The sentence’s full stop is not the link’s. @param {string} found */
function withoutPunctuation(found) {
  let end = found.length;
  while (end > 0 && AT_END_NOT_ITS_OWN.includes(found[end - 1])) end -= 1;
  return found.slice(0, end);
}

/** Where it leads, if that is into the web. @param {string} written */
export function hrefOf(written) {
  const hasScheme = /^https?:/i.test(written);
  const address = hasScheme ? written : `https://${written}`;
  if (!URL.canParse(address)) return null;
  const { protocol, hostname, href } = new URL(address);
  return (protocol === 'http:' || protocol === 'https:') && (hasScheme || DOMAIN.test(hostname)) ? href : null;
}
