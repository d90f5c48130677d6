/**
 * A stretch of a room's log without a hole in it.
 *
 * It covers `from..to` even where it holds no row (a change, a type that is no row, a row that expired).
 *
 * @typedef {import('../types.js').LogEvent} LogEvent
 * @typedef {import('../types.js').Mine} Mine
 * @typedef {{kind: 'event'} & import('./changes.js').Held} EventItem
 * @typedef {EventItem | {kind: 'floor'}} Item
 */

const ROW_TYPES = new Set(['message']);
/** @type {Mine} */
const NOTHING = {};

export class Range {
  /** @type {Item[]} */
  items = [];

  /** @param {number} from */
  constructor(from) {
    this.from = from;
    this.to = from - 1;
  }

  get hasRows() {
    return this.items.some((item) => item.kind === 'event');
  }

  /**
   * The newest rows, ascending; whoever calls knows that they follow.
   *
   * @param {LogEvent[]} events
   * @param {number} to
   * @param {Mine} [mine]
   */
  append(events, to, mine = NOTHING) {
    for (const event of events.filter(isRow)) this.items.push(itemOf(event, mine));
    this.to = Math.max(this.to, to);
  }

  /**
   * @param {LogEvent[]} events
   * @param {number} from
   * @param {Mine} [mine]
   */
  prepend(events, from, mine = NOTHING) {
    this.items.unshift(...events.filter(isRow).map((event) => itemOf(event, mine)));
    this.from = Math.min(this.from, from);
  }

  /** @param {number} seq @returns {EventItem | undefined} */
  itemAt(seq) {
    const item = this.items.findLast((one) => one.kind === 'event' && one.event.seq <= seq);
    return item?.kind === 'event' && item.event.seq === seq ? item : undefined;
  }

  /** What follows up to `to` was removed from the log. @param {number} to */
  markFloor(to) {
    if (this.items.at(-1)?.kind !== 'floor') this.items.push({ kind: 'floor' });
    this.to = Math.max(this.to, to);
  }

  /** @param {Range} next */
  join(next) {
    this.items.push(...next.items);
    this.to = Math.max(this.to, next.to);
  }

  /** Takes out what is older than `cutoff`. @param {number} cutoff @returns {number[]} the seqs that went */
  expire(cutoff) {
    const gone = /** @type {number[]} */ ([]);
    for (const item of this.items) if (item.kind === 'event' && item.event.ts <= cutoff) gone.push(item.event.seq);
    if (gone.length === 0) return gone;
    this.items = this.items.filter((item) => item.kind === 'floor' || item.event.ts > cutoff);
    while (this.items[0]?.kind === 'floor') this.items.shift();
    this.from = Math.max(this.from, gone[gone.length - 1] + 1);
    return gone;
  }
}

/** A change, or an event of a type this client does not know, moves the cursor and is no row. @param {LogEvent} event */
export function isRow(event) {
  return ROW_TYPES.has(event.type);
}

/**
 * @param {LogEvent} event
 * @param {Mine} mine
 * @returns {EventItem}
 */
function itemOf(event, mine) {
  return { kind: 'event', event, mine: mine[event.seq] ?? [] };
}
