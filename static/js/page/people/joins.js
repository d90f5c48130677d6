/**
 * Who came, who went and who took another name while one was watching: one entry for all that happened between two
 * messages.
 *
 * The server keeps none of it, so it is known from the moment one came in. Whoever comes and goes between
 * the same two messages is not told of, and whoever takes several names only with the last.
 *
 * @typedef {import('../../chat/messages/timeline.js').Line} Line
 * @typedef {import('../../chat/attendance/moved.js').Moved} Moved
 * @typedef {Moved & {after: number, ts: number}} Joins  `after`: the seq they stand behind
 * @typedef {Moved & {kind: 'joins', key: string, ts: number}} JoinsLine
 */

import { hasMoved, without } from '../../chat/attendance/moved.js';

const MOST = 200;
/** @type {Joins[]} */
const NONE = [];

export class JoinsAndLeaves {
  /** Oldest first; another array whenever something changes. @type {Joins[]} */
  entries = [];
  /** @type {string | null} */
  #stream = null;

  /**
   * @param {Moved} moved
   * @param {{stream: string | null, last: number}} log where it is now
   * @param {number} ts the server's time
   */
  note({ joined, left, renamed }, { stream, last }, ts) {
    if (stream !== this.#stream) this.entries = [];
    this.#stream = stream;
    const newest = this.entries.at(-1);
    const open = newest?.after === last ? newest : { after: last, ts, joined: [], left: [], renamed: [] };
    const entry = {
      after: last, ts: open.ts,
      joined: [...without(open.joined, left), ...without(joined, open.left)],
      left: [...without(open.left, joined), ...without(left, open.joined)],
      renamed: togetherRenamed(open.renamed, renamed),
    };
    const earlier = this.entries.filter((one) => one.after !== last).slice(1 - MOST);
    this.entries = hasMoved(entry) ? [...earlier, entry] : earlier;
  }

  /** Those among the messages of a log: of another one the numbers mean nothing. @param {string | null} stream */
  of(stream) {
    return stream === this.#stream ? this.entries : NONE;
  }

  /** @param {number} before what is older goes, as messages do */
  expire(before) {
    if (this.entries.some(({ ts }) => ts <= before)) this.entries = this.entries.filter(({ ts }) => ts > before);
  }
}

/**
 * The lines of a room with those of joins and leaves among them.
 *
 * @param {Line[]} lines
 * @param {Joins[]} entries
 * @returns {(Line | JoinsLine)[]}
 */
export function withJoins(lines, entries) {
  if (entries.length === 0) return lines;
  const woven = /** @type {(Line | JoinsLine)[]} */ ([]);
  let next = 0;
  lines.forEach((line) => {
    const seq = seqOf(line);
    while (next < entries.length && entries[next].after < seq) woven.push(lineOf(entries[next++]));
    woven.push(line);
  });
  return [...woven, ...entries.slice(next).map(lineOf)];
}

/** @param {Line} line */
function seqOf(line) {
  if (line.kind === 'gap') return line.to;
  return line.kind === 'message' ? (line.seq ?? Infinity) : 0;
}

/** @param {Joins} entry @returns {JoinsLine} */
function lineOf({ after, ...moved }) {
  return { kind: 'joins', key: `joins:${after}`, ...moved };
}

/**
 * From the first name to the last; whoever is back at the first has none.
 *
 * @param {Moved['renamed']} earlier
 * @param {Moved['renamed']} later
 */
function togetherRenamed(earlier, later) {
  const first = new Map(earlier.map(({ from, user }) => [user.id, from]));
  const again = later.map(({ from, user }) => ({ from: first.get(user.id) ?? from, user }));
  const others = earlier.filter((one) => !later.some(({ user }) => user.id === one.user.id));
  return [...others, ...again].filter(({ from, user }) => from !== user.name);
}
