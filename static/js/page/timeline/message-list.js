/**
 * The list of messages: rows come and go by key, and a row that has not changed is not touched. However
 * long the log is, only what is around the screen is in the document.
 */

import { arrange } from '../dom/arrange.js';
import { element, part } from '../dom/element.js';
import { isShownFormed, onForm } from '../form/form.js';
import { LongTexts } from '../messages/long-texts.js';
import { fillMessage } from '../messages/message-row.js';
import { betweenRow } from './between-row.js';
import { copyTexts } from './copied.js';
import { focusNear, focusedRow, keepFocus } from './keep-focus.js';
import { ListRows } from './list-rows.js';
import { listenToLongPress } from './long-press.js';
import { RowKeys } from './row-keys.js';
import { RowTools } from './row-tools.js';
import { RowWindow } from './row-window.js';
import { ScrollAnchoring } from './scroll-anchoring.js';

const LOAD_BEFORE_PX = 800;
/** How many rows there are to be above the screen, where there are older ones. */
const SPARE_ROWS = 25;
/** While one scrolls up: more than are in the document, so that they come into it bit by bit, and not when a page comes. */
const SPARE_ROWS_UPWARDS = 120;

/**
 * @typedef {import('./list-rows.js').Row} Row
 * @typedef {import('./scroll-anchoring.js').Move} Move
 * @typedef {import('./list-rows.js').RowPorts & import('./between-row.js').BetweenPorts
 *   & Omit<import('../messages/message-row.js').Surroundings, 'longTexts'> & import('../messages/message-row.js').DeliveryActions
 *   & {linked: () => number | null, edited: () => number | string | null, onMove: (move: Move) => void, onLeave: () => void,
 *   actions: Actions}} ListPorts
 *   `linked`: the message that the address names; `edited`: the one in the composer; `onLeave`: by keyboard, to where one writes
 * @typedef {import('./row-tools.js').Actions} Actions
 */

export class MessageList {
  #box = part('messages', HTMLElement);
  #parent = part('message-rows', HTMLElement);
  #skeleton = part('skeleton', HTMLElement);
  #window = new RowWindow();
  /** Who reads one stays at its beginning. */
  #longTexts = new LongTexts(() => (this.scroll.isAtEnd = false));
  #listRows;
  /** @type {Row[]} */
  #rows = [];
  /** What is on the screen. @type {Map<string, {element: HTMLElement, shows: string}>} */
  #shown = new Map();
  /** And where in the list. @type {Map<Element, number>} */
  #places = new Map();
  /** In this frame the rows in the document have followed the screen: what else follows has time until the next. */
  #hasSlid = false;

  /** @param {ListPorts} ports */
  constructor(ports) {
    this.ports = ports;
    this.#listRows = new ListRows(ports);
    this.scroll = new ScrollAnchoring({
      box: this.#box, rows: this.#parent, onMove: (move) => this.#moved(move), reachesEnd: () => this.reachesEnd,
    });
    const rows = { box: this.#box, lineOf: (/** @type {Element} */ row) => this.lineOf(row), actions: ports.actions };
    new RowTools({ ...rows, exactTime: (ts) => ports.times.exact(ts) });
    listenToLongPress(this.#box, (row) => this.#act('more', row));
    onForm(() => this.render());
    copyTexts(this.#box, (ts) => ports.times.time(ts));
    new RowKeys({
      box: this.#box, onEnd: () => this.toEnd(), onStart: () => this.#toStart(), onLeave: ports.onLeave,
      onAct: (act, row) => this.#act(act, row),
    });
  }

  /** Whether the last row there is can be scrolled to. */
  get reachesEnd() {
    return this.#window.reachesEnd;
  }

  render() {
    const rows = this.#listRows.now();
    this.#skeleton.hidden = !this.#listRows.isWaiting;
    if (rows !== this.#rows) this.#follow(rows);
    this.#draw();
  }

  toEnd() {
    this.scroll.isAtEnd = true;
    this.#window.toEnd(this.#rows.length);
    this.#draw();
  }

  /** @param {string} key */
  toRow(key) {
    const index = this.#rows.findIndex((row) => row.key === key);
    if (index < 0) return;
    this.#window.around(index, this.#rows.length);
    this.#draw();
    const shown = this.#shown.get(key)?.element;
    if (shown) this.scroll.toRow(shown);
  }

  /**
   * Brings a message onto the screen, unless it is there.
   *
   * @param {number} seq
   * @returns {HTMLElement | null} its row
   */
  toMessage(seq) {
    const row = this.#rows.findLast((one) => hasSeq(one, seq));
    if (!row) return null;
    if (!this.visibleSeqs().includes(seq)) this.toRow(row.key);
    return this.#shown.get(row.key)?.element ?? null;
  }

  /** @param {Element} row @returns {import('./layout-rows.js').MessageLine | null} */
  lineOf(row) {
    const found = this.#rows[this.#indexOf(row)];
    return found?.kind === 'message' ? found.line : null;
  }

  /** The seqs of the messages that can be seen whole, top to bottom. */
  visibleSeqs() {
    return this.scroll.visibleRows().flatMap((row) => (row instanceof HTMLElement && row.dataset.seq ? [Number(row.dataset.seq)] : []));
  }

  /** Where a row is, seen from the screen. @param {string} key @returns {'above' | 'visible' | 'below' | null} */
  placeOf(key) {
    const index = this.#rows.findIndex((row) => row.key === key);
    const visible = this.scroll.visibleRows();
    if (index < 0 || visible.length === 0) return null;
    if (index < this.#indexOf(visible[0])) return 'above';
    return index > this.#indexOf(visible[visible.length - 1]) ? 'below' : 'visible';
  }

  focus() {
    this.#box.focus({ preventScroll: true });
  }

  /** Fills the screen, and then some, from above. */
  loadOlder(spare = SPARE_ROWS) {
    const [top] = this.scroll.visibleRows();
    if (top && this.#indexOf(top) < spare) this.ports.room.older();
  }

  /** @param {import('./row-tools.js').Act} act @param {HTMLElement} row @returns {boolean} whether one may */
  #act(act, row) {
    const line = this.lineOf(row);
    const may = line !== null && this.ports.actions.may(line).has(act);
    if (may) this.ports.actions.act(act, line, row);
    return may;
  }

  #toStart() {
    if (this.#rows.length > 0) this.toRow(this.#rows[0].key);
  }

  /** @param {Move} move */
  #moved(move) {
    this.#slide();
    this.loadOlder(move.isPersons && !move.isDown ? SPARE_ROWS_UPWARDS : SPARE_ROWS);
    if (move.isPersons && move.isDown) this.#loadNewer();
    this.ports.onMove(move);
  }

  #slide() {
    const visible = this.scroll.visibleRows();
    if (visible.length === 0) return;
    if (!this.#window.follow(this.#indexOf(visible[0]), this.#indexOf(visible[visible.length - 1]))) return;
    this.#hasSlid = true;
    requestAnimationFrame(() => (this.#hasSlid = false));
    this.#draw();
  }

  /** Scrolled down towards a hole: its beginning is loaded before one comes there. */
  #loadNewer() {
    const { bottom } = this.#box.getBoundingClientRect();
    const below = this.#rows.slice(this.#window.start, this.#window.end).find((row) => row.kind === 'gap' && this.#topOf(row) > bottom);
    if (below?.kind === 'gap' && this.#topOf(below) < bottom + LOAD_BEFORE_PX) this.ports.room.fill({ from: below.from });
  }

  /** @param {Row} row */
  #topOf(row) {
    return this.#shown.get(row.key)?.element.getBoundingClientRect().top ?? Infinity;
  }

  /** @param {Element} shown */
  #indexOf(shown) {
    return this.#places.get(shown) ?? -1;
  }

  /** Other rows than before: what one sees stays among those that are shown. @param {Row[]} rows */
  #follow(rows) {
    const before = this.#rows;
    this.#rows = rows;
    if (this.scroll.isAtEnd) return this.#window.toEnd(rows.length);
    const shown = this.scroll.anchors().map((row) => this.#indexOf(row));
    const placeNow = (/** @type {number} */ index) => rows.findIndex((row) => row.key === before[index]?.key);
    const anchor = shown.find((index) => placeNow(index) >= 0);
    const by = anchor === undefined ? 0 : placeNow(anchor) - anchor;
    this.#window.shift(by, rows.length);
    // At once: a row that goes above the eye and comes back is seen to jump where nothing is left to scroll.
    if (shown.length > 0 && !this.#hasSlid) this.#window.follow(Math.min(...shown) + by, Math.max(...shown) + by);
  }

  /** Rows are changed where they stand: that belongs to what the place is kept over. */
  #draw() {
    this.scroll.keep(() => this.#arrange(this.#elements()));
  }

  #elements() {
    const { start, end } = this.#window;
    const elements = this.#rows.slice(start, end).map((row) => this.#elementOf(row));
    this.#places = new Map(elements.map((shown, index) => [shown, start + index]));
    return elements;
  }

  /** @param {Row} row */
  #elementOf(row) {
    if (row.kind === 'message') return this.#message(row);
    const { shows, make } = betweenRow(row, this.ports);
    const known = this.#shown.get(row.key);
    if (known?.shows === shows) return known.element;
    const made = make();
    this.#shown.set(row.key, { element: made, shows });
    return made;
  }

  /** @param {Extract<Row, {kind: 'message'}>} row */
  #message({ key, line, isFirst, isNewMinute }) {
    const { now, isOnline, myName, linked, edited } = this.ports;
    const seconds = line.retryAt === null ? '' : Math.ceil((line.retryAt - now()) / 1000);
    const delivery = line.state === 'sent' ? line.seq : `${line.state} ${line.refusal?.code} ${seconds} ${isOnline()} ${myName()}`;
    const isLinked = line.seq !== null && line.seq === linked();
    const isEdited = edited() !== null && [line.seq, line.clientId].includes(edited());
    const shows = `${isFirst} ${isNewMinute} ${isLinked} ${isEdited} ${delivery} ${line.ts} ${line.author.name} ${this.#livesOn(line)} ${isShownFormed(line.content)} ${this.ports.files.signature(line)} ${line.content}`;
    const known = this.#shown.get(key);
    if (known?.shows === shows) return known.element;
    const article = known?.element ?? element('article', { tabindex: -1 });
    const surroundings = { ...this.ports, longTexts: this.#longTexts };
    keepFocus(article, () => fillMessage(article, { line, isFirst, isNewMinute, isLinked, isEdited }, surroundings));
    this.#shown.set(key, { element: article, shows });
    return article;
  }

  /** What has happened to it since it was said; nothing, for nearly all. @param {import('./layout-rows.js').MessageLine} line */
  #livesOn({ body: { edited_at, mentions, reactions, quote }, mine, change }) {
    if (edited_at === undefined && !mentions && !reactions && !quote && !change) return '';
    const { isOnline, canReact } = this.ports;
    return JSON.stringify([edited_at, mentions, reactions, mine, quote, change, change && isOnline(), canReact()]);
  }

  /** @param {HTMLElement[]} elements */
  #arrange(elements) {
    const wanted = new Set(elements);
    const focused = focusedRow(this.#parent);
    const key = focused && [...this.#shown].find(([, { element: one }]) => one === focused.row)?.[0];
    for (const [shown, { element: old }] of this.#shown) if (!wanted.has(old)) this.#shown.delete(shown);
    arrange(this.#parent, elements);
    if (!focused || this.#parent.contains(document.activeElement)) return;
    // What is gone gives the focus to its neighbour; what is only far from the screen, to the list.
    const isThere = this.#rows.some((row) => row.kind === 'message' && row.key === key);
    if (isThere || !focusNear(this.#parent, focused.place)) this.focus();
  }
}

/** @param {Row} row @param {number} seq */
function hasSeq(row, seq) {
  return row.kind === 'deleted' ? row.seqs.includes(seq) : row.kind === 'message' && row.line.seq === seq;
}
