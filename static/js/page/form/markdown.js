/**
 * The small Markdown that people know from elsewhere, as a tree over what was typed: each node says from where to where it
 * goes, so that nothing of the text is lost.
 *
 * It is stricter than Markdown where that would change what was not meant as markup: signs within words, emoticons, `__init__`,
 * globs and apostrophes stay as they are, a backslash is a backslash, a line ends where it ends, and what follows a list or a
 * quote is not in it. Nothing is HTML.
 *
 * @typedef {import('../../../vendor/markdown.js').InlineContext} Inline
 * @typedef {import('../../../vendor/markdown.js').BlockContext} Blocks
 * @typedef {import('../../../vendor/markdown.js').Line} Line
 */

import { InlineContext, parser } from '../../../vendor/markdown.js';
import { hrefOf, linkify } from './linkify.js';

/** Lists and quotes within each other, as the library counts them: deeper ones are text. */
const DEEPEST = 9;
const ENDS_WORD = /[\s\p{Pe}\p{Pf}.,;:!?"'’\p{Pd}*_~]|(?![\0-\x7f])\p{Po}|^$/u;
const BEGINS_WORD = /[\s\p{Ps}\p{Pi}"'„‚¿¡*_~]|(?![\0-\x7f])[\p{Pd}\p{Po}]|^$/u;
/** Globs and paths are not emphasized. */
const [NOT_FIRST, NOT_LAST] = [/[\s.,;:!?/\\)\]}>|=&-]|^$/, /[\s/\\([{<|=&]|^$/];
/** Words of these are written without spaces. */
const UNSPACED = /[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Hang}\p{sc=Thai}\p{sc=Laoo}\p{sc=Khmr}\p{sc=Mymr}]/u;
const LETTER = /[\p{L}\p{M}\p{N}]/u;
const DESTINATION = /\(([^\s()]*(?:\([^\s()]*\)[^\s()]*)*)\)/y;
const HOST = /^[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+$/u;
const OPENING_FENCE = /^(`{3,})[\w+#.-]*\s*$/;

const STRIKE = { resolve: 'Strike', mark: 'EmphasisMark' };
const SIGNS = new Map([
  ['*', { type: InlineContext.emphasisAsterisk, sizes: [1, 2, 3] }],
  ['_', { type: InlineContext.emphasisUnderscore, sizes: [1] }],
  ['~', { type: STRIKE, sizes: [2] }],
]);

/** “h” and “w”, of either size. */
const BEGINS_ADDRESS = new Set([72, 87, 104, 119]);
/** The addresses of a text, by where they begin. @type {WeakMap<Inline, Map<number, number>>} */
const ADDRESSES = new WeakMap();

const PARSER = parser.configure({
  remove: [
    'LinkReference', 'IndentedCode', 'HorizontalRule', 'ATXHeading', 'SetextHeading', 'HTMLBlock', 'Escape', 'Entity', 'HTMLTag', 'HardBreak', 'Image',
  ],
  defineNodes: ['Strike', 'Address', { name: 'Table', block: true }],
  parseBlock: [
    { name: 'TooDeep', parse: tooDeep, before: 'LinkReference', endLeaf: leavesItsBlock },
    { name: 'Table', parse: table, before: 'FencedCode', endLeaf: beginsTable },
    { name: 'FencedCode', parse: fencedCode },
  ],
  parseInline: [
    { name: 'InlineCode', parse: inlineCode },
    { name: 'Address', parse: address, before: 'Emphasis' },
    { name: 'Emphasis', parse: emphasis },
    { name: 'LinkEnd', parse: linkEnd },
  ],
});

/** @param {string} text */
export function parse(text) {
  return PARSER.parse(text).topNode;
}

/** @param {Blocks} cx @param {Line} line */
function tooDeep(cx, line) {
  if (cx.depth <= DEEPEST) return false;
  cx.addElement(cx.elt('Paragraph', cx.lineStart + line.pos, cx.lineStart + line.text.length));
  cx.nextLine();
  return true;
}

/** What is not in a list or a quote by its own signs is behind it. @param {Blocks} cx @param {Line} line */
function leavesItsBlock(cx, line) {
  return depthOf(line) < cx.depth;
}

/** In how many blocks a line is by its own signs: the library does not declare it. @param {any} line @returns {number} */
function depthOf(line) {
  return line.depth;
}

/**
 * Lines of a table that was copied, whose cells stand apart by tabs.
 *
 * @param {Blocks} cx
 * @param {Line} line
 */
function table(cx, line) {
  if (!beginsTable(cx, line)) return false;
  const from = cx.lineStart;
  const tabs = tabsIn(line.text);
  let to = from;
  do to = cx.lineStart + line.text.length; while (cx.nextLine() && tabsIn(line.text) === tabs);
  cx.addElement(cx.elt('Table', from, to));
  return true;
}

/** @param {Blocks} cx @param {Line} line */
function beginsTable(cx, line) {
  const tabs = cx.depth === 1 ? tabsIn(line.text) : 0;
  return tabs > 0 && tabsIn(cx.peekLine()) === tabs;
}

/** A line that begins with one is indented. @param {string} line */
function tabsIn(line) {
  return line.trim() === '' || /^\s*\t/.test(line) ? 0 : line.split('\t').length - 1;
}

/** The fence that closes may stand behind the last of the code. @param {Blocks} cx @param {Line} line */
function fencedCode(cx, line) {
  const fence = OPENING_FENCE.exec(line.text.slice(line.pos))?.[1];
  if (fence === undefined) return false;
  const from = cx.lineStart + line.pos;
  const code = [];
  let to = cx.lineStart + line.text.length;
  let isOpen = true;
  while (isOpen && cx.nextLine() && depthOf(line) >= cx.depth) {
    const written = line.text.trimEnd();
    to = cx.lineStart + line.text.length;
    isOpen = !written.endsWith(fence) || written.length - fence.length < line.basePos;
    const end = cx.lineStart + (isOpen ? line.text.length : written.length - fence.length);
    if (cx.lineStart + line.basePos < end) code.push(cx.elt('CodeText', cx.lineStart + line.basePos, end));
  }
  if (!isOpen) cx.nextLine();
  cx.addElement(cx.elt('FencedCode', from, to, code));
  return true;
}

/** Within a word it is an apostrophe. @param {Inline} cx @param {number} next @param {number} start */
function inlineCode(cx, next, start) {
  if (next !== 96) return -1;
  const size = runAt(cx, start);
  const isWithinWord = LETTER.test(before(cx, start)) && !UNSPACED.test(before(cx, start));
  for (let at = start + size; !isWithinWord && at < cx.end; at += runAt(cx, at)) {
    if (cx.char(at) !== next || runAt(cx, at) !== size) continue;
    return cx.addElement(cx.elt('InlineCode', start, at + size, [cx.elt('CodeText', start + size, at)]));
  }
  return start + size;
}

/** @param {Inline} cx @param {number} next @param {number} start */
function emphasis(cx, next, start) {
  const sign = SIGNS.get(String.fromCharCode(next));
  if (!sign) return -1;
  const end = start + runAt(cx, start);
  if (!sign.sizes.includes(end - start)) return end;
  const [left, right] = [before(cx, start), after(cx, end)];
  const opens = (BEGINS_WORD.test(left) || UNSPACED.test(left)) && !NOT_FIRST.test(right);
  const closes = (ENDS_WORD.test(right) || UNSPACED.test(right)) && !NOT_LAST.test(left);
  return cx.addDelimiter(sign.type, start, end, opens, closes);
}

/** Its signs are no markup. @param {Inline} cx @param {number} next @param {number} pos */
function address(cx, next, pos) {
  if (!BEGINS_ADDRESS.has(next)) return -1;
  const length = addressesOf(cx).get(pos - cx.offset);
  return length === undefined ? -1 : cx.addElement(cx.elt('Address', pos, pos + length));
}

/** @param {Inline} cx */
function addressesOf(cx) {
  const known = ADDRESSES.get(cx);
  if (known) return known;
  const found = new Map();
  let at = 0;
  for (const { text, href } of linkify(cx.text)) {
    if (href !== null) found.set(at, text.length);
    at += text.length;
  }
  ADDRESSES.set(cx, found);
  return found;
}

/**
 * A link with words of its own, if it leads into the web. Words that are an address themselves do not hide another one.
 *
 * @param {Inline} cx
 * @param {number} next
 * @param {number} pos
 */
function linkEnd(cx, next, pos) {
  if (next !== 93) return -1;
  DESTINATION.lastIndex = pos + 1 - cx.offset;
  const destination = DESTINATION.exec(cx.text)?.[1] ?? '';
  const opening = hrefOf(destination) === null ? null : cx.findOpeningDelimiter(InlineContext.linkStart);
  if (opening === null) return pos + 1;
  const from = /** @type {{from: number, to: number}} */ (cx.getDelimiterAt(opening));
  if (hidesAnother(cx, from.to, pos, destination)) return pos + 1;
  const to = pos + 3 + destination.length;
  return cx.addElement(cx.elt('Link', from.from, to, [...cx.takeContent(opening), cx.elt('URL', pos + 2, to - 1)]));
}

/**
 * Whether the words of a link are none, or say themselves where one might think that it leads.
 *
 * @param {Inline} cx
 * @param {number} from
 * @param {number} to
 * @param {string} destination
 */
function hidesAnother(cx, from, to, destination) {
  const words = cx.slice(from, to).trim();
  if (words === '' || [...addressesOf(cx).keys()].some((at) => at >= from - cx.offset && at < to - cx.offset)) return true;
  return HOST.test(words) && !new URL(hrefOf(destination) ?? '').host.endsWith(words.toLowerCase());
}

/** How often the sign that stands here is repeated. @param {Inline} cx @param {number} start */
function runAt(cx, start) {
  let end = start + 1;
  while (cx.char(end) === cx.char(start)) end += 1;
  return end - start;
}

/** @param {Inline} cx @param {number} pos */
function before(cx, pos) {
  return [...cx.slice(Math.max(cx.offset, pos - 2), pos)].at(-1) ?? '';
}

/** @param {Inline} cx @param {number} pos */
function after(cx, pos) {
  return [...cx.slice(pos, pos + 2)][0] ?? '';
}
