/**
 * The part of a message that was looked for, and where in it. The server knows what is found; here it is only shown, and folded
 * much like there: without case, accents and width.
 *
 * @typedef {{text: string, isHit: boolean}} Piece
 */

/** As a query is read: words, and what stands in quotation marks. */
const QUOTATION_MARK = /["“”„‟«»]/;
/** What a letter wears, and what shows nothing. */
const MARKS = /[\p{M}\p{Default_Ignorable_Code_Point}]/gu;
const APOSTROPHES = /[‘’ʼ]/g;
/** In units of text: what stands before the first hit, and all of it. */
const BEFORE = 40;
const LENGTH = 200;

/** @param {string} query */
export function termsOf(query) {
  const terms = query.split(QUOTATION_MARK).flatMap((part, place) => {
    const words = fold(part).split(/\s+/).filter(Boolean);
    return place % 2 === 1 && words.length > 0 ? [words.join(' ')] : words;
  });
  return [...new Set(terms)];
}

/** @param {string} content @param {string} query @returns {Piece[]} */
export function excerptOf(content, query) {
  const text = content.trim().replace(/\s+/g, ' ');
  const hits = hitsIn(text, termsOf(query));
  const [first] = hits;
  const start = first && first.start > BEFORE ? boundaryBefore(text, first.start - BEFORE / 2) : 0;
  const end = text.length - start > LENGTH ? boundaryBefore(text, start + LENGTH) : text.length;
  const pieces = piecesOf(text, hits.filter((hit) => hit.start >= start && hit.end <= end), start, end);
  return [...(start > 0 ? [plain(text[start - 1] === ' ' ? '… ' : '…')] : []), ...pieces, ...(end < text.length ? [plain('…')] : [])];
}

/**
 * @param {string} text
 * @param {{start: number, end: number}[]} hits
 * @param {number} start
 * @param {number} end
 */
function piecesOf(text, hits, start, end) {
  const pieces = /** @type {Piece[]} */ ([]);
  let at = start;
  for (const hit of hits) {
    if (hit.start > at) pieces.push(plain(text.slice(at, hit.start)));
    pieces.push({ text: text.slice(hit.start, hit.end), isHit: true });
    at = hit.end;
  }
  return at < end ? [...pieces, plain(text.slice(at, end))] : pieces;
}

/** Where terms stand, in order; what overlaps is one. @param {string} text @param {string[]} terms */
function hitsIn(text, terms) {
  const { folded, starts } = mapped(text);
  const hits = terms.flatMap((term) => placesOf(term, folded)).sort((one, other) => one.start - other.start || one.end - other.end);
  const whole = /** @type {{start: number, end: number}[]} */ ([]);
  for (const { start, end } of hits) {
    const hit = { start: starts[start], end: starts[end] };
    const last = whole.at(-1);
    if (last && hit.start <= last.end) last.end = Math.max(last.end, hit.end);
    else if (hit.end > hit.start) whole.push(hit);
  }
  return whole;
}

/** @param {string} term @param {string} folded */
function placesOf(term, folded) {
  const places = [];
  for (let start = folded.indexOf(term); start >= 0; start = folded.indexOf(term, start + term.length)) {
    places.push({ start, end: start + term.length });
  }
  return places;
}

/**
 * The folded text, and for each of its units where the character begins that it is of. Marks belong to what is before them.
 *
 * @param {string} text
 */
function mapped(text) {
  let folded = '';
  let at = 0;
  const starts = /** @type {number[]} */ ([]);
  for (const character of text) {
    const one = fold(character);
    for (let unit = 0; unit < one.length; unit += 1) starts.push(at);
    folded += one;
    at += character.length;
  }
  starts.push(at);
  return { folded, starts };
}

/** The sharp s and the last sigma have no other form in small letters. @param {string} text */
function fold(text) {
  return text.normalize('NFKD').replace(MARKS, '').toUpperCase().toLowerCase().replace(APOSTROPHES, "'").replaceAll('ς', 'σ');
}

/** After a space, if there is one near; never within a character. @param {string} text @param {number} at */
function boundaryBefore(text, at) {
  const space = text.lastIndexOf(' ', at);
  if (space > at - BEFORE / 2) return space + 1;
  const isWithin = /[\p{M}\p{Default_Ignorable_Code_Point}\uDC00-\uDFFF]/u;
  let place = at;
  while (place > 0 && (isWithin.test(text.charAt(place)) || /[\uD800-\uDBFF]/.test(text.charAt(place - 1)))) place -= 1;
  return place;
}

/** @param {string} text @returns {Piece} */
function plain(text) {
  return { text, isHit: false };
}
