/**
 * All that one has of a room's log: ranges in order, the newest last.
 *
 * A hole stays between two ranges until it is filled, or known to be removed from the log (then a floor stands there
 * instead). Where one has missed events that cannot be had one after the other, what is older goes: it may have been
 * changed or deleted meanwhile. It is read again when somebody comes there.
 */

import { withPage } from './range-page.js';
import { isRow, Range } from './range.js';
import { rowsOf } from './rows.js';

/**
 * @typedef {import('../types.js').LogEvent} LogEvent
 * @typedef {import('../types.js').LogJoin} LogJoin
 * @typedef {import('../types.js').HistoryAck} HistoryAck
 * @typedef {import('../types.js').Mine} Mine
 */

export class Ranges {
  /** What is above the oldest range. @type {'more' | 'floor' | 'beginning'} */
  start = 'beginning';
  /** @type {Range[]} */
  #ranges = [];
  /** Another log has other rows, whatever their numbers. */
  #lineage = 0;
  /** As they were asked for last, until something changes. @type {import('./rows.js').Row[] | null} */
  #rows = null;

  get last() {
    return this.#ranges.at(-1)?.to ?? 0;
  }

  /** The oldest `seq` that is covered. */
  get oldest() {
    return this.#ranges[0]?.from ?? 1;
  }

  /** The same array for as long as nothing has changed. */
  rows() {
    this.#rows ??= rowsOf(this.#ranges, this.start, this.#lineage);
    return this.#rows;
  }

  /** Something of a row is another now. */
  touch() {
    this.#rows = null;
  }

  /** All that are rows, oldest first. */
  items() {
    return this.#ranges.flatMap(({ items }) => items).filter((item) => item.kind === 'event');
  }

  /** @param {number} seq */
  itemAt(seq) {
    return this.#ranges.find((range) => range.from <= seq && seq <= range.to)?.itemAt(seq);
  }

  /** Whether it is known what the log has at this place. @param {number} seq */
  covers(seq) {
    return this.#ranges.some((range) => range.from <= seq && seq <= range.to);
  }

  /**
   * A page that does not continue what we have.
   *
   * @param {Pick<LogJoin, 'events' | 'head' | 'floor'>} page
   * @param {boolean} isSameLog
   * @returns {number[]} the seqs that went
   */
  startPage(page, isSameLog) {
    this.#rows = null;
    const from = page.events[0]?.seq ?? page.head + 1;
    const rows = this.items();
    if (isSameLog && rows.length > 0 && this.#resumesAt(from, page.floor)) return [];
    if (!isSameLog) this.#lineage += 1;
    this.start = startAbove(from, page.floor);
    this.#ranges = [new Range(from)];
    return rows.map(({ event }) => event.seq);
  }

  /**
   * @param {number} from
   * @param {number} floor
   * @returns {boolean} whether nothing is missing that is still there
   */
  #resumesAt(from, floor) {
    if (from > this.last + 1 && from > floor) return false;
    this.skipTo(from);
    return true;
  }

  /**
   * @param {LogEvent} event the one after `last`
   * @param {Mine} [mine]
   */
  append(event, mine) {
    this.#rows = null;
    this.#ranges.at(-1)?.append([event], event.seq, mine);
  }

  /** Everything between `last` and `first` was removed. @param {number} first */
  skipTo(first) {
    this.#rows = null;
    if (first > this.last + 1) this.#ranges.at(-1)?.markFloor(first - 1);
  }

  /**
   * An answer that belongs into the hole after `after`.
   *
   * @param {number} after
   * @param {HistoryAck} ack
   * @returns {LogEvent[]} the rows that are new
   */
  fill(after, ack) {
    const index = this.#ranges.findIndex((range) => range.to === after);
    const [range, next] = this.#ranges.slice(index, index + 2);
    if (index < 0 || !next) return [];
    this.#rows = null;
    const first = ack.from ?? ack.floor;
    if (first > after + 1) range.markFloor(Math.min(first, next.from) - 1);
    const events = ack.events.filter((event) => event.seq > range.to && event.seq < next.from);
    range.append(events, Math.min(ack.to ?? 0, next.from - 1), ack.mine);
    if (range.to === next.from - 1) {
      range.join(next);
      this.#ranges.splice(index + 1, 1);
    }
    return events.filter(isRow);
  }

  /**
   * An answer with what came before `before`: above all that is here, or above a hole.
   *
   * @param {number} before
   * @param {HistoryAck} ack
   * @returns {LogEvent[]} the rows that are new
   */
  extendUp(before, ack) {
    const index = this.#ranges.findIndex((range) => range.from === before);
    const [range, above] = [this.#ranges[index], this.#ranges[index - 1]];
    if (range === undefined) return [];
    this.#rows = null;
    if (above) return this.#fillUp(index, ack);
    const events = ack.events.filter((event) => event.seq < before);
    range.prepend(events, ack.from ?? before, ack.mine);
    this.start = ack.more_before ? 'more' : startAbove(range.from, range.from);
    return events.filter(isRow);
  }

  /**
   * @param {number} index of the range below the hole
   * @param {HistoryAck} ack
   */
  #fillUp(index, ack) {
    const [above, range] = this.#ranges.slice(index - 1, index + 1);
    const events = ack.events.filter((event) => event.seq > above.to && event.seq < range.from);
    range.prepend(events, Math.max(ack.from ?? range.from, above.to + 1), ack.mine);
    if (!ack.more_before && range.from > above.to + 1) above.markFloor(range.from - 1);
    if (range.from === above.to + 1) {
      above.join(range);
      this.#ranges.splice(index, 1);
    }
    return events.filter(isRow);
  }

  /**
   * A page from anywhere in the log: a range of its own, or more of those it touches. What is
   * beyond `last` comes by itself.
   *
   * @param {HistoryAck} ack
   * @returns {LogEvent[]} the rows that are new
   */
  insert(ack) {
    const to = Math.min(ack.to ?? 0, this.last);
    const oldestFrom = this.oldest;
    if (ack.from === null || ack.from > to) return [];
    this.#rows = null;
    const events = ack.events.filter((event) => event.seq <= to && !this.covers(event.seq));
    this.#ranges = withPage(this.#ranges, { from: ack.from, to, events, mine: ack.mine });
    if (this.oldest < oldestFrom) this.start = ack.more_before ? 'more' : startAbove(this.oldest, this.oldest);
    return events.filter(isRow);
  }

  /**
   * Forgets what is older than `cutoff`.
   *
   * @param {number} cutoff
   * @returns {number[]} the seqs that went
   */
  expire(cutoff) {
    const newest = this.#ranges.at(-1);
    const [oldest] = this.#ranges;
    const oldestFrom = oldest?.from;
    const gone = this.#ranges.flatMap((range) => range.expire(cutoff));
    if (gone.length === 0) return gone;
    this.#rows = null;
    this.#ranges = this.#ranges.filter((range) => range === newest || range.hasRows);
    if (oldest !== this.#ranges[0]) this.start = 'more';
    else if (oldest?.from !== oldestFrom) this.start = 'floor';
    return gone;
  }
}

/**
 * @param {number} from the oldest seq one has
 * @param {number} floor the oldest seq there is
 * @returns {'more' | 'floor' | 'beginning'}
 */
function startAbove(from, floor) {
  if (from > floor) return 'more';
  return from > 1 ? 'floor' : 'beginning';
}
