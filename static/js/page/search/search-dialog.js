/**
 * Looking for what was said: one types, and what is found comes below, the newest first. The focus stays where one types; what
 * is chosen is told by `aria-activedescendant`. Enter, or a click, leads to the message.
 *
 * @typedef {import('../../chat/types.js').LogEvent} LogEvent
 * @typedef {{room: import('../../chat/room.js').Room, timers: import('../../chat/types.js').Timers, now: () => number,
 *   rooms: () => Promise<{id: string}[]>, open: (room: string, seq: number) => void}} SearchDialogPorts
 *   `rooms`: those one was in
 */

import { Search } from '../../chat/messages/search.js';
import { closesOnBackdrop } from '../dom/dialog.js';
import { element, part, properName, setAttributes, setText } from '../dom/element.js';
import { Times } from '../text/times.js';
import { excerptOf } from './excerpt.js';
import { foundFiles } from './found-files.js';
import { progressWords, searchWords } from './search-words.js';

const TYPING_MS = 250;
const STEPS = /** @type {Record<string, number>} */ ({ ArrowDown: 1, ArrowUp: -1 });
const NONE = -1;

export class SearchDialog {
  #dialog = part('search', HTMLDialogElement);
  #input = part('search-input', HTMLInputElement);
  #everywhere = part('search-everywhere', HTMLInputElement);
  #list = part('search-results', HTMLElement);
  #note = part('search-note', HTMLElement);
  #progress = part('search-progress', HTMLElement);
  #more = part('search-more', HTMLButtonElement);
  #times = new Times();
  #chosen = NONE;
  /** What is being looked for, and where. */
  #asked = '';
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #typing;

  /** @param {SearchDialogPorts} ports */
  constructor({ room, timers, now, rooms, open }) {
    this.room = room;
    this.now = now;
    this.rooms = rooms;
    this.goTo = open;
    const request = (/** @type {string} */ name, /** @type {Record<string, unknown>} */ payload) => room.connection.request(name, payload);
    this.search = new Search({ request, timers, onChange: () => this.#show() });
    this.#input.addEventListener('input', () => this.#typed());
    this.#input.addEventListener('keydown', (event) => this.#pressed(event));
    part('search-where', HTMLFieldSetElement).addEventListener('change', () => void this.#look());
    this.#more.addEventListener('click', () => {
      this.search.more();
      this.#input.focus(); // the button may go
    });
    this.#dialog.addEventListener('close', () => this.#closed());
    room.on('changed', () => this.#dialog.open && this.search.update((found) => this.#now(found)));
    closesOnBackdrop(this.#dialog);
  }

  /** The dialog is open: what stands there is looked for, again if it was there before. */
  open() {
    this.#input.focus();
    this.#asked = '';
    void this.#look();
  }

  #closed() {
    clearTimeout(this.#typing);
    this.search.stop();
  }

  #typed() {
    clearTimeout(this.#typing);
    this.#typing = setTimeout(() => void this.#look(), TYPING_MS);
  }

  async #look() {
    clearTimeout(this.#typing);
    const query = this.#input.value.trim();
    const asked = JSON.stringify([query, this.#everywhere.checked]);
    if (asked === this.#asked) return;
    this.#asked = asked;
    if (query === '') return this.search.clear();
    const others = this.#everywhere.checked ? await this.#otherRooms() : [];
    if (asked === this.#asked && this.#dialog.open) this.search.start(query, [this.room.id, ...others]);
  }

  /** Those that cannot be asked for are left out: what is found here is found all the same. */
  async #otherRooms() {
    try {
      return (await this.rooms()).map(({ id }) => id).filter((id) => id !== this.room.id);
    } catch {
      return [];
    }
  }

  /** What is here of a message may be newer than what was found. @param {LogEvent} found */
  #now(found) {
    const held = found.room === this.room.id ? this.room.log.messageAt(found.seq) : undefined;
    if (!held || held.id !== found.id) return found;
    return held.body.deleted ? null : held;
  }

  #show() {
    const { phase, found, refusal, searchedTo } = this.search;
    const { retentionMs, last } = this.room.log;
    const isTop = this.#list.children.length === 0;
    this.#list.replaceChildren(...found.map((event, index) => this.#result(event, index)));
    if (isTop) this.#list.scrollTop = 0;
    this.#choose(this.#chosen < found.length ? this.#chosen : NONE);
    setText(this.#note, searchWords({ phase, count: found.length, refusal, retentionMs }));
    const isHere = phase === 'searching' && searchedTo !== null && !this.#everywhere.checked;
    setText(this.#progress, isHere ? progressWords(last + 1 - searchedTo) : '');
    this.#more.hidden = phase !== 'paused' || found.length === 0;
  }

  /** @param {LogEvent} event @param {number} index */
  #result({ room, ts, user, body }, index) {
    const where = room === this.room.id ? [] : [element('span', { class: 'found-where' }, ' in ', properName(room))];
    const head = element('span', { class: 'found-head' }, element('span', { class: 'found-who' }, properName(user.name), ...where), this.#time(ts));
    const { content = '', uploads = [] } = body;
    const query = this.#input.value;
    const between = content !== '' && uploads.length > 0 ? [' · '] : [];
    const files = uploads.length > 0 ? [element('span', { class: 'found-files' }, ...between, ...marked(foundFiles(uploads, query)))] : [];
    const text = element('span', { class: 'found-text', dir: 'auto' }, ...marked(excerptOf(content, query)), ...files);
    const result = element('li', { class: 'found', role: 'option', id: `search-result-${index}`, 'data-testid': 'found' }, head, text);
    result.addEventListener('click', () => this.#goTo(index));
    return result;
  }

  /** @param {number} ts */
  #time(ts) {
    const isToday = this.#times.dayKey(ts) === this.#times.dayKey(this.now());
    const words = isToday ? this.#times.time(ts) : `${this.#times.day(ts, this.now())}, ${this.#times.time(ts)}`;
    return element('time', { class: 'found-time', datetime: new Date(ts).toISOString() }, words);
  }

  /** @param {number} index */
  #choose(index) {
    const { children } = this.#list;
    setAttributes(this.#input, { 'aria-expanded': String(children.length > 0), 'aria-activedescendant': children[index]?.id ?? null });
    for (const [at, result] of [...children].entries()) result.setAttribute('aria-selected', String(at === index));
    if (index !== this.#chosen) children[index]?.scrollIntoView({ block: 'nearest' });
    this.#chosen = index;
  }

  /** @param {KeyboardEvent} event */
  #pressed(event) {
    if (event.isComposing) return;
    const step = STEPS[event.key];
    if (step === undefined && event.key !== 'Enter') return;
    event.preventDefault();
    if (step !== undefined) this.#step(step);
    else if (this.#chosen === NONE) void this.#look();
    else this.#goTo(this.#chosen);
  }

  /** Below the last there is more, if there is; above the first one types. @param {number} step */
  #step(step) {
    const { length } = this.search.found;
    if (this.#chosen + step >= length && this.search.phase === 'paused') this.search.more();
    this.#choose(Math.max(NONE, Math.min(this.#chosen + step, length - 1)));
  }

  /** @param {number} index */
  #goTo(index) {
    const found = this.search.found[index];
    if (!found) return;
    this.#dialog.close();
    this.goTo(found.room, found.seq);
  }
}

/** @param {import('./excerpt.js').Piece[]} pieces */
function marked(pieces) {
  return pieces.map(({ text, isHit }) => (isHit ? element('mark', {}, text) : text));
}
