/**
 * A text as the parts that it is shown as. All of what was typed is in them, in its order: what is markup and not shown is a
 * part too, so that what one marks, looks for and copies is what was typed.
 *
 * @typedef {import('./link-parts.js').Kind} Kind
 * @typedef {import('./link-parts.js').FormPart} FormPart
 * @typedef {import('./link-parts.js').Part} Part
 * @typedef {ReturnType<typeof parse>} TreeNode
 * @typedef {{isItem: boolean, isLink: boolean, isAsTyped: boolean, depth: number}} Within  `isAsTyped`: its signs are shown
 */

import { hrefOf } from './linkify.js';
import { linkParts } from './link-parts.js';
import { parse } from './markdown.js';

const SHOWS_SOMETHING = /[\p{L}\p{N}\p{ExtPict}]/u;
/** Bold and italic within each other. */
const DEEPEST = 12;
/** A list with these is shown as it was typed: another sign, or a number that there is no room for. */
const OWN_SIGN = /^(?:\+|\d+\)|\d{4,}\.)$/;
const SIGNS = /[*_~`[\]>]|^[ \t]*(?:[-+]|\d+[.)])[ \t]|\t/gm;
/** With more of them it is no text that somebody has written, and is shown as it was typed. */
const MOST_SIGNS = 500;
/** @type {Record<string, Kind>} */
const INLINE = { Emphasis: 'italic', StrongEmphasis: 'bold', Strike: 'strike' };
const OUTSIDE = { isItem: false, isLink: false, isAsTyped: false, depth: 0 };

/** @param {string} text @returns {Part[]} */
export function partsOf(text) {
  if ((text.match(SIGNS)?.length ?? 0) > MOST_SIGNS) return linkParts(text);
  return new Form(text).blocks(parse(text), OUTSIDE);
}

class Form {
  /** @param {string} text */
  constructor(text) {
    this.text = text;
  }

  /** @param {TreeNode} node @param {Within} within @returns {Part[]} */
  blocks(node, within) {
    const parts = /** @type {Part[]} */ ([]);
    let at = node.from;
    let isAfterBlock = false;
    for (const child of childrenOf(node)) {
      const isMark = isMarkOf(child);
      const made = isMark ? this.#sign(child, within) : this.#block(child, within);
      const isBlock = made.some((part) => typeof part !== 'string' && isLaidOut(part));
      parts.push(...between(this.text.slice(at, child.from), isAfterBlock, isBlock), ...made);
      at = child.to + (isMark ? lengthOf(made) - (child.to - child.from) : 0);
      if (!isMark) isAfterBlock = isBlock;
    }
    return [...parts, ...between(this.text.slice(at, node.to), isAfterBlock, false)];
  }

  /** A sign with the space that belongs to it. @param {TreeNode} sign @param {Within} within @returns {Part[]} */
  #sign({ name, from, to }, { isAsTyped }) {
    if (isAsTyped) return [this.text.slice(from, to)];
    const spaces = /^[ \t]*/.exec(this.text.slice(to))?.[0] ?? '';
    return [mark(this.text.slice(from, to) + (name === 'ListMark' ? spaces : spaces.slice(0, 1)))];
  }

  /** @param {TreeNode} node @param {Within} within @returns {Part[]} */
  #block(node, within) {
    if (node.name === 'FencedCode') return this.#code(node);
    if (node.name === 'Table') return [{ kind: 'table', parts: this.text.slice(node.from, node.to).split(/(?<=\n)/).map(rowOf) }];
    if (node.name === 'Blockquote') return this.#quote(node, within);
    if (node.name === 'BulletList' || node.name === 'OrderedList') return this.#list(node, within);
    if (node.name === 'ListItem') return this.blocks(node, within);
    return this.#inline(node, node.from, node.to, within);
  }

  /** @param {TreeNode} node @returns {Part[]} */
  #code(node) {
    const lines = childrenOf(node);
    if (lines.length === 0) return [this.text.slice(node.from, node.to)];
    const parts = /** @type {Part[]} */ ([]);
    let at = node.from;
    for (const { from, to } of lines) {
      const skipped = this.text.slice(at, from);
      parts.push(...(at === node.from ? [mark(skipped)] : skipped.split(/(\n+)/).map((piece) => (piece.startsWith('\n') ? piece : mark(piece)))));
      parts.push(this.text.slice(from, to));
      at = to;
    }
    return [{ kind: 'block', parts: [...parts, mark(this.text.slice(at, node.to))].filter(isSomething) }];
  }

  /** Its sign stands apart from what is quoted: “>_<” is a face. @param {TreeNode} node @param {Within} within @returns {Part[]} */
  #quote(node, within) {
    const [{ to: end }] = childrenOf(node);
    const isQuote = /\s/.test(this.text[end] ?? '') && SHOWS_SOMETHING.test(this.text.slice(node.from, node.to));
    if (!isQuote || within.isAsTyped) return this.blocks(node, { ...within, isAsTyped: true });
    return [{ kind: 'quote', parts: this.blocks(node, { ...within, isItem: false }) }];
  }

  /** @param {TreeNode} node @param {Within} within @returns {Part[]} */
  #list(node, within) {
    const all = childrenOf(node).filter(({ name }) => name === 'ListItem');
    const signs = all.map((item) => childrenOf(item)[0]);
    const isList = signs.every(({ from, to }) => !OWN_SIGN.test(this.text.slice(from, to))) && all.every((item) => childrenOf(item).length > 1);
    if (!isList || within.isAsTyped) return this.blocks(node, { ...within, isAsTyped: true });
    const items = all.map((item, index) => ({
      kind: /** @type {const} */ ('item'),
      parts: [...this.blocks(item, { ...within, isItem: true }), mark(this.text.slice(item.to, all[index + 1]?.from ?? node.to))].filter(isSomething),
    }));
    if (node.name === 'BulletList') return [{ kind: 'bullets', parts: items }];
    return [{ kind: 'numbers', parts: items, start: Number.parseInt(this.text.slice(signs[0].from, signs[0].to), 10) }];
  }

  /** @param {TreeNode} node @param {number} from @param {number} to @param {Within} within @returns {Part[]} */
  #inline(node, from, to, within) {
    const parts = /** @type {Part[]} */ ([]);
    let at = from;
    for (const child of childrenOf(node)) {
      if (child.from < at || child.to > to) continue;
      const made = this.#piece(child, within);
      parts.push(...this.#words(at, child.from, within), ...made);
      at = child.from + lengthOf(made);
    }
    return [...parts, ...this.#words(at, to, within)];
  }

  /** @param {number} from @param {number} to @param {Within} within @returns {Part[]} */
  #words(from, to, { isItem }) {
    const words = this.text.slice(from, to);
    if (!isItem) return [words].filter(isSomething);
    return words.split(/(?<=\n)([ \t]+)/).map((piece, index) => (index % 2 === 1 ? mark(piece) : piece)).filter(isSomething);
  }

  /** @param {TreeNode} node @param {Within} within @returns {Part[]} */
  #piece(node, within) {
    const { name, from, to } = node;
    const typed = this.text.slice(from, to);
    if (isMarkOf(node)) return this.#sign(node, within);
    if (name === 'EmphasisMark') return [within.isAsTyped ? typed : mark(typed)];
    if (name === 'Address') return within.isLink ? [typed] : [{ kind: 'link', href: hrefOf(typed) ?? '', parts: [typed] }];
    if (name === 'InlineCode') return this.#inlineCode(node);
    if (name === 'Link') return this.#link(node, within);
    const isShown = within.depth < DEEPEST && SHOWS_SOMETHING.test(typed);
    const parts = this.#inline(node, from, to, { ...within, isAsTyped: !isShown, depth: within.depth + 1 });
    return isShown ? [{ kind: INLINE[name], parts }] : parts;
  }

  /** @param {TreeNode} node @returns {Part[]} */
  #inlineCode(node) {
    const [{ from, to }] = childrenOf(node);
    return [mark(this.text.slice(node.from, from)), { kind: 'code', parts: [this.text.slice(from, to)] }, mark(this.text.slice(to, node.to))];
  }

  /** @param {TreeNode} node @param {Within} within @returns {Part[]} */
  #link(node, within) {
    const { from, to } = childrenOf(node).findLast(({ name }) => name === 'URL') ?? node;
    const end = from - 2;
    const href = hrefOf(this.text.slice(from, to));
    const parts = this.#inline(node, node.from + 1, end, { ...within, isLink: true });
    const [before, after] = [this.text.slice(node.from, node.from + 1), this.text.slice(end, node.to)];
    if (href === null || within.isLink) return [before, ...parts, after];
    return [mark(before), { kind: 'link', href, parts }, mark(after)];
  }
}

/** @param {TreeNode} node */
function childrenOf(node) {
  const all = /** @type {TreeNode[]} */ ([]);
  for (let child = node.firstChild; child; child = child.nextSibling) all.push(child);
  return all;
}

/** @param {TreeNode} node */
function isMarkOf({ name }) {
  return name === 'QuoteMark' || name === 'ListMark';
}

/** @param {FormPart} part */
function isLaidOut({ kind }) {
  return kind === 'block' || kind === 'quote' || kind === 'bullets' || kind === 'numbers' || kind === 'table';
}

/** What stands between blocks is seen by their distance: a line break beside one is not shown. @param {string} gap @param {boolean} isAfterBlock @param {boolean} isBeforeBlock */
function between(gap, isAfterBlock, isBeforeBlock) {
  const start = isAfterBlock ? gap.lastIndexOf('\n') + 1 : 0;
  const rest = gap.slice(start);
  const end = isBeforeBlock ? Math.max(0, rest.indexOf('\n')) : rest.length;
  return [mark(gap.slice(0, start)), rest.slice(0, end), mark(rest.slice(end))].filter(isSomething);
}

/** @param {string} line @returns {FormPart} */
function rowOf(line) {
  const cells = line.split(/(?<=\t)/).map((cell) => {
    const words = cell.replace(/[\t\n]$/, '');
    return { kind: /** @type {const} */ ('cell'), parts: [...linkParts(words), mark(cell.slice(words.length))].filter(isSomething) };
  });
  return { kind: 'row', parts: cells };
}

/** @param {string} text @returns {FormPart} */
function mark(text) {
  return { kind: 'mark', parts: [text] };
}

/** @param {Part} part */
function isSomething(part) {
  return part !== '' && (typeof part === 'string' || part.kind !== 'mark' || part.parts[0] !== '');
}

/** @param {Part[]} parts @returns {number} */
function lengthOf(parts) {
  return parts.reduce((length, part) => length + (typeof part === 'string' ? part.length : lengthOf(part.parts)), 0);
}
