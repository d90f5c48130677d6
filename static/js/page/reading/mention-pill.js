/** “2 mentions ↑”: the messages that call one and were not seen yet, and the way to the next of them. */

import { calledAt } from '../../chat/messages/mentions.js';
import { part, setText } from '../dom/element.js';
import { plural } from '../text/times.js';

const ARROWS = { above: ' ↑', visible: '', below: ' ↓' };

/** @typedef {import('../../chat/messages/lines.js').Line} Line */

export class MentionPill {
  #pill = part('mention-pill', HTMLButtonElement);
  /** Those that call one, oldest first, and by which event. @type {{seq: number, key: string, at: number}[]} */
  #calls = [];
  /** By which event they do: what was new when it came. @type {Set<number>} */
  #unseen = new Set();
  /** @type {Set<number>} */
  #seen = new Set();
  /** @type {Line[] | null} */
  #lines = null;

  /** @param {(seq: number) => void} open brings a message onto the screen, where it stands out */
  constructor(open) {
    this.#pill.addEventListener('click', () => {
      const next = this.#next;
      if (next) open(next.seq);
    });
  }

  /**
   * @param {{lines: Line[], me: string, read: number, visible: number[], placeOf: (key: string) => 'above' | 'visible' | 'below' | null}} what
   *   `visible`: the seqs of what somebody looks at
   */
  show({ lines, me, read, visible, placeOf }) {
    if (lines !== this.#lines) this.#look(lines, me, read);
    for (const { seq, at } of this.#calls) if (visible.includes(seq) && this.#unseen.delete(at)) this.#seen.add(at);
    const next = this.#next;
    this.#pill.hidden = !next;
    if (next) setText(this.#pill, `${plural(this.#count, 'mention')}${ARROWS[placeOf(next.key) ?? 'above']}`);
  }

  /** The numbers are of another log now. */
  forget() {
    this.#lines = null;
    this.#unseen.clear();
    this.#seen.clear();
  }

  get #next() {
    return this.#calls.find(({ at }) => this.#unseen.has(at));
  }

  get #count() {
    return this.#calls.filter(({ at }) => this.#unseen.has(at)).length;
  }

  /**
   * @param {Line[]} lines
   * @param {string} me
   * @param {number} read
   */
  #look(lines, me, read) {
    this.#lines = lines;
    this.#calls = lines.flatMap((line) => {
      const at = line.kind === 'message' && line.body.mentions ? calledAt(line, me) : null;
      return line.kind === 'message' && line.seq !== null && at !== null ? [{ seq: line.seq, key: line.key, at }] : [];
    });
    for (const { at } of this.#calls) if (at > read && !this.#seen.has(at)) this.#unseen.add(at);
  }
}
