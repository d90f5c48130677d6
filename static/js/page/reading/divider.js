/**
 * Where what is new begins, and the divider stands. The place is looked for when one comes in and whenever something
 * comes while nobody looks, and then stays until one leaves the room.
 *
 * @typedef {import('../../chat/messages/timeline.js').Line} Line
 * @typedef {{lines: Line[], isKnown: (seq: number) => boolean}} Shown
 *   `isKnown`: whether nothing of the log from this seq on is missing above the first line behind it
 */

import { isOfOthers } from './unread.js';

export class Divider {
  /** The message above which the divider stands. @type {number | null} */
  seq = null;
  /** What is new begins above all that is here. */
  isAbove = false;
  /** What is new begins behind this. */
  after = 0;

  /**
   * @param {Shown} shown
   * @param {number} read
   */
  place(shown, read) {
    this.after = Math.max(read, newestOwn(shown.lines));
    this.look(shown);
  }

  /** There may be more above than when it was placed. @param {Shown} shown */
  look({ lines, isKnown }) {
    const first = firstOfOthers(lines, this.after);
    this.isAbove = first !== null && !isKnown(this.after + 1);
    this.seq = this.isAbove ? null : first;
  }

  /** The numbers are of another log now. */
  forget() {
    this.seq = null;
    this.isAbove = false;
  }
}

/** Whoever wrote has read what stands above. @param {Line[]} lines */
export function newestOwn(lines) {
  const own = lines.findLast((line) => line.kind === 'message' && line.isMine && line.seq !== null);
  return own?.kind === 'message' ? (own.seq ?? 0) : 0;
}

/**
 * @param {Line[]} lines
 * @param {number} after
 */
function firstOfOthers(lines, after) {
  const first = lines.find((line) => isOfOthers(line) && line.seq !== null && line.seq > after);
  return first?.kind === 'message' ? first.seq : null;
}
