/**
 * A stretch of a room's log without a hole in it.
 *
 * It covers `from..to` even where it holds no row (a type that is no row, a row that expired).
 * Ranges of one lineage are of the same log, so that a hole between them can be loaded; where the
 * lineage changes, the older log is gone and only its rows remain.
 *
 * @typedef {import('../types.js').LogEvent} LogEvent
 * @typedef {{kind: 'event', event: LogEvent} | {kind: 'floor'}} Item
 */

const ROW_TYPES = new Set(['message']);

export class Range {
  /** @type {Item[]} */
  items = [];

  /**
   * @param {number} lineage
   * @param {number} from
   */
  constructor(lineage, from) {
    this.lineage = lineage;
    this.from = from;
    this.to = from - 1;
  }

  get hasRows() {
    return this.items.some((item) => item.kind === 'event');
  }

  /** The newest rows, ascending; whoever calls knows that they follow. @param {LogEvent[]} events @param {number} to */
  append(events, to) {
    for (const event of events.filter(isRow)) this.items.push({ kind: 'event', event });
    this.to = Math.max(this.to, to);
  }

  /** @param {LogEvent[]} events @param {number} from */
  prepend(events, from) {
    this.items.unshift(...events.filter(isRow).map((event) => /** @type {Item} */ ({ kind: 'event', event })));
    this.from = Math.min(this.from, from);
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

/** An event of a type this client does not know moves the cursor and is no row. @param {LogEvent} event */
export function isRow(event) {
  return ROW_TYPES.has(event.type);
}
