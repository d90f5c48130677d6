/**
 * Reads new messages of others, and what they think of one's own, to those who cannot see them arrive, without talking
 * over itself: a few are read out, a flood is counted.
 */

import { element, part } from '../dom/element.js';
import { filesInWords, saidIn } from '../text/files-words.js';
import { isolated, nodesOf } from '../text/language.js';
import { shortened } from '../text/shortened.js';
import { plural } from '../text/times.js';

const GATHER_MS = 1_000;
const READ_OUT = 3;
const KEEP_MS = 10_000;
const LONGEST = 200;
/** Enough to tell which of one’s own it is. */
const SHORT = 50;

/**
 * @typedef {{author: string, content: string, emoji?: string, isCall?: boolean, uploads?: import('../text/files-words.js').Said[]}} Heard
 *   `emoji`: with which the author reacted to that content; `isCall`: it calls one by name
 */
/** @typedef {import('../text/language.js').Piece} Piece */

export class Announcer {
  #region = part('announcer', HTMLElement);
  /** @type {Heard[]} */
  #heard = [];

  /** @param {Heard} message */
  hear(message) {
    if (this.#heard.push(message) === 1) setTimeout(() => this.#announce(), GATHER_MS);
  }

  #announce() {
    const reactions = this.#heard.filter(({ emoji }) => emoji !== undefined);
    const messages = this.#heard.filter(({ emoji }) => emoji === undefined);
    this.#heard = [];
    for (const heard of [messages, reactions]) if (heard.length > 0) this.#say(announcement(heard));
  }

  /** @param {Piece[]} pieces */
  #say(pieces) {
    const said = element('p', {}, ...nodesOf(pieces));
    this.#region.append(said);
    setTimeout(() => said.remove(), KEEP_MS);
  }
}

/** @param {Heard[]} heard all of them messages, or reactions @returns {Piece[]} */
export function announcement(heard) {
  const last = heard[heard.length - 1];
  const noun = last.emoji === undefined ? 'new message' : 'new reaction';
  const called = heard.some(({ isCall }) => isCall) ? '; you are mentioned' : '';
  if (heard.length > READ_OUT) return [words(`${plural(heard.length, noun)}, the last from `), name(last), ...(called === '' ? [] : [words(called)])];
  return heard.flatMap((one, place) => [...(place > 0 ? [words('\n')] : []), name(one), words(saidBy(one))]);
}

/** @param {Heard} heard */
function saidBy({ content, emoji, isCall, uploads }) {
  const files = uploads?.length ? `, with ${filesInWords(uploads)}` : '';
  if (content === '' && uploads) return ` ${isolated(shortened(saidIn({ uploads }), LONGEST))}`;
  if (emoji === undefined) return `${isCall ? ' mentions you' : ''}: ${isolated(shortened(content, LONGEST))}${files}`;
  return ` reacted with ${emoji} to ${isolated(shortened(content, SHORT))}`;
}

/** @param {Heard} heard @returns {Piece} */
const name = ({ author }) => ({ text: author, isName: true });
/** @param {string} text @returns {Piece} */
const words = (text) => ({ text, isName: false });
