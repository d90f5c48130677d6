/**
 * Reads new messages of others to those who cannot see them arrive, without talking over itself:
 * a few are read out, a flood is counted.
 */

import { element, part } from '../dom/element.js';
import { isolated, nodesOf } from '../text/language.js';
import { shortened } from '../text/shortened.js';
import { plural } from '../text/times.js';

const GATHER_MS = 1_000;
const READ_OUT = 3;
const KEEP_MS = 10_000;
const LONGEST = 200;

/** @typedef {{author: string, content: string}} Heard */
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
    const said = element('p', {}, ...nodesOf(announcement(this.#heard)));
    this.#heard = [];
    this.#region.append(said);
    setTimeout(() => said.remove(), KEEP_MS);
  }
}

/** @param {Heard[]} messages @returns {Piece[]} */
export function announcement(messages) {
  const last = messages[messages.length - 1];
  if (messages.length > READ_OUT) return [words(`${plural(messages.length, 'new message')}, the last from `), name(last)];
  return messages.flatMap((heard, place) => [
    ...(place > 0 ? [words('\n')] : []), name(heard), words(`: ${isolated(shortened(heard.content, LONGEST))}`),
  ]);
}

/** @param {Heard} heard @returns {Piece} */
const name = ({ author }) => ({ text: author, isName: true });
/** @param {string} text @returns {Piece} */
const words = (text) => ({ text, isName: false });
