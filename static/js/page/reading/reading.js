/**
 * What one has read in the room and what is new: where the list opens, how far the read cursor goes, the divider,
 * and the ways to the first and to the newest of what is new.
 */

import { Attention } from './attention.js';
import { newestOwn, Divider } from './divider.js';
import { isLookedAt, unreadCount } from './unread.js';

/**
 * @typedef {{room: import('../../chat/room.js').Room, list: import('../timeline/message-list.js').MessageList,
 *   pill: import('./new-pill.js').NewPill, mentions: import('./mention-pill.js').MentionPill, unreadAbove: import('./unread-above.js').UnreadAbove}} ReadingPorts
 */

export class Reading {
  divider = new Divider();
  #attention = new Attention({ onChange: () => this.moved() });
  /** Where the log ended when one came in for the very first time, as far as one can tell: nothing of that is new. */
  #begin = 0;
  /** The newest row that was on the screen: the pill counts from there. */
  #newestSeen = 0;
  #isDividerSeen = false;
  #isOnTheWay = false;
  /** @type {string | null} */
  #stream = null;

  /** @param {ReadingPorts} ports */
  constructor({ room, list, pill, mentions, unreadAbove }) {
    this.room = room;
    this.list = list;
    this.pill = pill;
    this.mentions = mentions;
    this.unreadAbove = unreadAbove;
  }

  /** The log is there: with the page, by the first join, or another one than before. @returns {boolean} whether for the first time */
  begin() {
    const { log, read } = this.room;
    const isFirst = this.#stream === null;
    if (this.#stream === log.stream) return false;
    this.#stream = log.stream;
    this.#begin = read.seq === 0 && newestOwn(this.room.lines()) === 0 ? log.last : 0;
    this.#newestSeen = this.#read;
    this.divider.forget();
    this.mentions.forget();
    if (isFirst) this.#place();
    return isFirst;
  }

  /** Brings the divider into view, or the end if nothing is new. */
  open() {
    if (this.divider.seq === null) this.list.toEnd();
    else this.list.toRow('new');
    this.moved();
  }

  /**
   * Something has come. What nobody saw coming is new; on a page one looks at, that is what was missed
   * without a connection.
   *
   * @param {number[]} shown
   * @param {import('../../chat/messages/log-driver.js').Cause} cause
   */
  came(shown, cause) {
    if (this.#stream === null) return;
    const isNews = shown.some((seq) => seq > this.#read);
    if (isNews && (!isLookedAt() || cause === 'join')) this.#place();
    else if (this.divider.isAbove) this.divider.look(this.#shown());
  }

  /** What came is on the screen. */
  drawn() {
    if (this.#isOnTheWay && !this.room.log.isLoadingAround(this.divider.after + 1)) {
      this.#isOnTheWay = false;
      this.list.toRow('new');
    }
    // Nobody saw it go by: what is new waits for them where it begins.
    if (this.#attention.isAway && this.divider.seq !== null && this.list.placeOf('new') === 'above') this.list.toRow('new');
    this.moved();
  }

  /** Scrolled, looked at, or something came. @param {{isPersons: boolean}} [move] */
  moved(move) {
    if (move?.isPersons) this.#attention.act();
    const seen = this.#seen();
    this.#newestSeen = Math.max(this.#newestSeen, seen);
    if (this.#attention.isReading) this.room.read.advance(seen);
    this.#showWays();
  }

  toNewest() {
    this.list.toEnd();
    this.moved();
  }

  toFirstUnread() {
    this.#isOnTheWay = this.divider.isAbove;
    if (this.divider.isAbove) this.room.around(this.divider.after + 1);
    else this.list.toRow('new');
  }

  get #read() {
    return Math.max(this.room.read.seq, this.#begin);
  }

  #shown() {
    return { lines: this.room.lines(), isKnown: (/** @type {number} */ seq) => this.room.log.isKnown(seq) };
  }

  #place() {
    const before = this.divider.seq;
    this.divider.place(this.#shown(), this.#read);
    if (this.divider.seq !== before) this.#isDividerSeen = false;
  }

  /** The newest that is on the screen. What has no row is seen with the last one that has. */
  #seen() {
    const { last } = this.room.log;
    const newest = this.list.visibleSeqs().at(-1) ?? 0;
    const newestLine = this.room.lines().findLast((line) => line.kind === 'message' && line.seq !== null);
    const isLastLine = newestLine?.kind === 'message' && newest === newestLine.seq;
    return isLastLine ? last : Math.min(newest, last);
  }

  #showWays() {
    const { room, list, divider } = this;
    const { isAtEnd } = list.scroll;
    const count = isAtEnd ? 0 : unreadCount({ lines: room.lines(), read: this.#newestSeen });
    this.pill.show({ count, isFar: !isAtEnd && (!list.reachesEnd || list.scroll.isFarFromEnd) });
    this.mentions.show({
      lines: room.lines(), me: room.me.id, read: this.#read, visible: this.#attention.isReading ? list.visibleSeqs() : [], placeOf: (key) => list.placeOf(key),
    });
    const place = divider.seq === null ? null : list.placeOf('new');
    this.#isDividerSeen ||= place === 'visible' && this.#attention.isReading;
    this.unreadAbove.show(divider.isAbove || (place === 'above' && !this.#isDividerSeen));
  }
}
