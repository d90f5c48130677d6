/**
 * The addresses in a text, as parts of it.
 *
 * @typedef {'mark' | 'bold' | 'italic' | 'strike' | 'code' | 'block' | 'quote' | 'bullets' | 'numbers' | 'item' | 'table' | 'row' | 'cell' | 'link' | 'mention' | 'ownMention'} Kind
 * @typedef {{kind: Kind, parts: Part[], href?: string, start?: number}} FormPart  `mark`: not shown; `start`: the number of the first item
 * @typedef {string | FormPart} Part
 */

import { linkify } from './linkify.js';

/** @param {string} text @returns {Part[]} */
export function linkParts(text) {
  return linkify(text).map(({ text: words, href }) => (href === null ? words : { kind: 'link', href, parts: [words] }));
}
