/**
 * The list of messages: rows come and go by key, and a row that has not changed is not touched.
 */

import { arrange } from '../arrange.js';
import { element, part } from '../element.js';
import { layoutRows } from '../layout-rows.js';
import { betweenRow, emptyRow } from './between-row.js';
import { fillMessage } from './message-row.js';
import { ScrollKeeper } from './scroll-keeper.js';

const LOAD_BEFORE_PX = 800;

/**
 * @typedef {import('../layout-rows.js').ListRow} ListRow
 * @typedef {import('../../chat/room.js').Room} Room
 * @typedef {{room: Room, link: string, copyLink: () => void, invite: () => void, onMove: () => void}
 *   & import('./message-row.js').Surroundings & import('./message-row.js').FateActions} ListPorts
 */

export class MessageList {
  #box = part('messages', HTMLElement);
  #rows = part('message-rows', HTMLElement);
  /** What is on the screen. @type {Map<string, {element: HTMLElement, shows: string}>} */
  #shown = new Map();

  /** @param {ListPorts} ports */
  constructor(ports) {
    this.ports = ports;
    this.scroll = new ScrollKeeper({ box: this.#box, rows: this.#rows, onMove: () => this.#moved() });
  }

  render() {
    this.scroll.keep(() => this.#arrange(this.#elements()));
  }

  #elements() {
    const rows = layoutRows(this.ports.room.lines(), (ts) => this.ports.times.dayKey(ts));
    const elements = rows.map((row) => this.#elementOf(row));
    const { phase, isLoadingOlder } = this.ports.room.log;
    if (isLoadingOlder) elements.unshift(this.#fixed('loading', 'loading', () => element('p', { class: 'loading' }, 'Loading older messages…')));
    if (phase === 'joined' && !rows.some((row) => row.kind === 'message')) elements.push(this.#empty());
    return elements;
  }

  /** Fills the screen, and then some, from above. */
  loadOlder() {
    if (this.scroll.fromTop < LOAD_BEFORE_PX) this.ports.room.older();
  }

  #moved() {
    this.loadOlder();
    this.ports.onMove();
  }

  /** @param {ListRow} row */
  #elementOf(row) {
    const { room, times, now } = this.ports;
    if (row.kind === 'message') return this.#message(row);
    const { retentionMs } = room.log;
    const dayOf = (/** @type {number} */ ts) => times.day(ts, now());
    const shows = row.kind === 'day' ? dayOf(row.ts) : `${JSON.stringify(row)}${retentionMs}`;
    return this.#fixed(row.key, shows, () => betweenRow(row, { fill: (from) => room.fill(from), dayOf, retentionMs }));
  }

  #empty() {
    const { link, copyLink, invite, room } = this.ports;
    const { retentionMs } = room.log;
    return this.#fixed('empty', String(retentionMs), () => emptyRow({ link, copyLink, invite, retentionMs }));
  }

  /** @param {Extract<ListRow, {kind: 'message'}>} row */
  #message({ key, line, isFirst }) {
    const seconds = line.retryAt === null ? '' : Math.ceil((line.retryAt - this.ports.now()) / 1000);
    const fate = line.state === 'sent' ? line.seq : `${line.state} ${line.refusal?.code} ${seconds} ${this.ports.isOnline()} ${this.ports.myName()}`;
    const shows = `${isFirst} ${fate} ${line.ts} ${line.author.name} ${line.content}`;
    const known = this.#shown.get(key);
    if (known?.shows === shows) return known.element;
    const article = known?.element ?? element('article');
    fillMessage(article, line, isFirst, this.ports);
    this.#shown.set(key, { element: article, shows });
    return article;
  }

  /**
   * @param {string} key
   * @param {string} shows
   * @param {() => HTMLElement} make
   */
  #fixed(key, shows, make) {
    const known = this.#shown.get(key);
    if (known?.shows === shows) return known.element;
    const made = make();
    this.#shown.set(key, { element: made, shows });
    return made;
  }

  /** @param {HTMLElement[]} elements */
  #arrange(elements) {
    const wanted = new Set(elements);
    for (const [key, { element: old }] of this.#shown) if (!wanted.has(old)) this.#shown.delete(key);
    arrange(this.#rows, elements);
  }
}
