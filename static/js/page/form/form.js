/**
 * How a text is shown. What needs no more than links is shown at once; what has signs of markup needs the parser, which is
 * loaded when the first such text comes: until then it stands there as it was typed.
 *
 * @typedef {import('./link-parts.js').Part} Part
 */

import { linkParts } from './link-parts.js';

/** Signs where they may be markup; in words, numbers and names they are none. */
const MAY_BE_FORMED = /(?:^|[^\p{L}\p{N}])[*_]\S|[\p{L}\p{M}]\*|~~|`|\]\(|^ *>[ \t]|^[ \t]*(?:[-*]|\d{1,3}\.)[ \t]|\S\t/mu;
/** How long the first look at a room waits for the parser. */
const PATIENCE_MS = 150;

/** @type {typeof import('./parts.js').partsOf | null} */
let parserOf = null;
/** @type {Promise<void> | null} */
let coming = null;
/** @type {Set<() => void>} */
const waiting = new Set();

/** @param {string} text */
export function isFormed(text) {
  return MAY_BE_FORMED.test(text);
}

/** Whether a text is shown in its form by now: it changes once. @param {string} text */
export function isShownFormed(text) {
  return parserOf !== null && isFormed(text);
}

/** @param {string} text @returns {Part[]} */
export function formOf(text) {
  if (!isFormed(text)) return linkParts(text);
  if (parserOf) return parserOf(text);
  void load();
  return linkParts(text);
}

/** The parser has come: what is shown has to be shown anew. @param {() => void} listener */
export function onForm(listener) {
  waiting.add(listener);
}

/** So that the first of a page’s texts are shown but once, unless that takes too long. @param {string[]} texts */
export async function prepareForm(texts) {
  if (!texts.some(isFormed)) return;
  await Promise.race([load(), new Promise((resolve) => setTimeout(resolve, PATIENCE_MS))]);
}

function load() {
  coming ??= import('./parts.js').then(
    ({ partsOf }) => {
      parserOf = partsOf;
      for (const tell of waiting) tell();
    },
    () => {
      coming = null; // the next text tries again
    },
  );
  return coming;
}
