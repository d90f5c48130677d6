/**
 * Carries changes to the rows that they are of, and to those that quote them.
 *
 * A page of history is read at one moment and comes at another: a change that came between is not in it. So each is
 * kept until every request that was sent before it is answered, and applied to what those bring.
 *
 * @typedef {import('../types.js').LogEvent} LogEvent
 * @typedef {import('./range.js').EventItem} EventItem
 */

import { changedBy, isBare, revOf, targetsOf } from './changes.js';
import { isEmpty, quoteAfter, quoteAsRead } from './quotes.js';

export class RowChanges {
  /** Who one is. */
  me = '';
  /** `sent`: how many requests had been sent when it came. @type {{change: LogEvent, sent: number}[]} */
  #kept = [];
  /** @type {Set<number>} */
  #changed = new Set();
  /** Messages of which one knows only that their text is another. @type {Set<number>} */
  toRead = new Set();

  /**
   * @param {import('./ranges.js').Ranges} ranges
   * @param {import('./requests.js').Requests} requests
   */
  constructor(ranges, requests) {
    this.ranges = ranges;
    this.requests = requests;
  }

  /** The seqs of the kept ones. */
  get kept() {
    return this.#kept.map(({ change }) => change.seq);
  }

  /** Who one is now: another's reactions are not one's own. @param {string} me */
  become(me) {
    const isOther = this.me !== '' && this.me !== me;
    this.me = me;
    if (!isOther) return;
    for (const item of this.ranges.items()) if (item.mine.length > 0) this.#set(item, { mine: [] });
  }

  /** @param {LogEvent} change the next of the log */
  apply(change) {
    if (this.requests.areOnTheirWay) this.#kept.push({ change, sent: this.requests.sent });
    this.#carry(change);
  }

  /**
   * Rows that an answer has brought are here, and newer ones have replaced older ones.
   *
   * @param {{events: LogEvent[], mine?: import('../types.js').Mine, floor: number}} answer
   */
  brought({ events, mine = {}, floor }) {
    const seqs = new Set(events.map(({ seq }) => seq));
    const held = new Map(this.ranges.items().filter(({ event }) => seqs.has(event.seq)).map((item) => [item.event.seq, item]));
    for (const event of events) this.#replace(held.get(event.seq), event, mine[event.seq] ?? []);
    this.#requote(new Map(events.filter(({ rev }) => rev !== undefined).map((event) => [event.seq, event])));
    this.#strip((quote) => quote.seq < floor);
    for (const { change } of this.#kept) this.#carry(change);
    this.#kept = this.#kept.filter(({ sent }) => this.requests.hasUpTo(sent));
  }

  /** A request was not answered, and never will be. */
  failed() {
    this.#kept = this.#kept.filter(({ sent }) => this.requests.hasUpTo(sent));
  }

  /** What is not younger than `cutoff` went, and all up to `seq`. @param {number} seq @param {number} cutoff */
  expired(seq, cutoff) {
    this.#strip((quote) => quote.seq <= seq || (quote.ts ?? Infinity) <= cutoff);
  }

  /** What has changed since it was asked for last. */
  take() {
    const changed = [...this.#changed].sort((a, b) => a - b);
    this.#changed.clear();
    return changed;
  }

  /** @param {import('../types.js').HistoryRequest} request for one message */
  wasRead({ around, limit }) {
    if (limit !== undefined) this.toRead.delete(around ?? 0);
  }

  /** @param {LogEvent} change */
  #carry(change) {
    for (const target of targetsOf(change)) {
      const item = this.ranges.itemAt(target.seq);
      if (item?.event.id === target.id) this.#change(item, change);
      if (change.type !== 'react') this.#changeQuotes(target, change);
    }
  }

  /**
   * @param {EventItem} item
   * @param {LogEvent} change
   */
  #change(item, change) {
    if (isBare(change) && change.seq > revOf(item.event)) this.toRead.add(item.event.seq);
    const changed = changedBy(item, change, this.me);
    if (changed) this.#set(item, changed);
  }

  /**
   * @param {import('../types.js').Target} target
   * @param {LogEvent} change
   */
  #changeQuotes(target, change) {
    for (const item of this.ranges.items()) {
      const { quote, reply_to } = item.event.body;
      if (quote?.seq !== target.seq || reply_to?.id !== target.id) continue;
      if (isBare(change) && !isEmpty(quote) && (quote.rev ?? quote.seq) < change.seq) this.toRead.add(target.seq);
      this.#quote(item, quoteAfter(quote, change));
    }
  }

  /**
   * @param {EventItem | undefined} item as it is held
   * @param {LogEvent} event as it was read
   * @param {string[]} mine
   */
  #replace(item, event, mine) {
    if (!item || item.event === event || item.event.id !== event.id) return;
    const [ours, theirs] = [revOf(item.event), revOf(event)];
    if (theirs > ours) this.#set(item, { event, mine });
    else if (theirs === ours && mine.join() !== item.mine.join()) this.#set(item, { mine });
  }

  /** @param {Map<number, LogEvent>} changed messages that were read after they had changed */
  #requote(changed) {
    if (changed.size === 0) return;
    for (const item of this.ranges.items()) {
      const { quote, reply_to } = item.event.body;
      const quoted = changed.get(quote?.seq ?? 0);
      if (quote && quoted?.id === reply_to?.id) this.#quote(item, quoteAsRead(quote, /** @type {LogEvent} */ (quoted)));
    }
  }

  /** @param {(quote: import('../types.js').Quote) => boolean} isGone */
  #strip(isGone) {
    for (const item of this.ranges.items()) {
      const { quote } = item.event.body;
      if (quote && !quote.expired && isGone(quote)) this.#quote(item, { seq: quote.seq, expired: true });
    }
  }

  /**
   * @param {EventItem} item
   * @param {import('../types.js').Quote} quote
   */
  #quote(item, quote) {
    const { event } = item;
    if (quote !== event.body.quote) this.#set(item, { event: { ...event, body: { ...event.body, quote } } });
  }

  /**
   * @param {EventItem} item
   * @param {Partial<import('./changes.js').Held>} state
   */
  #set(item, state) {
    Object.assign(item, state);
    this.ranges.touch();
    this.#changed.add(item.event.seq);
  }
}
