/**
 * Who is here: one entry per person, fading when their connection is lost instead of pretending. A list that
 * is not kept up any more says of when it is. In a crowd oneself is listed, and whom the server names.
 *
 * Beside the talk where there is room, and closed there if one wants; a sheet where there is not. It is the same list.
 *
 * @typedef {import('./person-row.js').Person} Person
 */

import { arrange } from '../dom/arrange.js';
import { closesOnBackdrop } from '../dom/dialog.js';
import { part, setAttributes, setText } from '../dom/element.js';
import { plural, secondsInWords } from '../text/times.js';
import { PersonRow } from './person-row.js';

/** Whoever loads the page again is back before anybody needs to know. */
const MOMENT_MS = 2_000;
/** Joining again takes a moment, in which the list is as good as it was. */
const STALE_MS = 2_000;

export class PeopleView {
  #list = part('people', HTMLUListElement);
  #title = part('people-title', HTMLElement);
  #count = part('people-count', HTMLElement);
  #crowd = part('people-crowd', HTMLElement);
  #panel = part('people-panel', HTMLElement);
  #side = part('people-side', HTMLElement);
  #sheet = part('people-sheet', HTMLDialogElement);
  #opener = part('people-open', HTMLButtonElement);
  #wide = matchMedia('(min-width: 50.01rem)');
  /** What is on the screen, by user id. @type {Map<string, PersonRow>} */
  #rows = new Map();
  /** When the list was known last. */
  #knownAt = 0;

  /**
   * @param {{room: import('../../chat/room.js').Room, onRename: () => void, now: () => number, time: (ts: number) => string,
   *   colours: import('./colour.js').Colours}} ports
   */
  constructor({ room, onRename, now, time, colours }) {
    this.room = room;
    this.onRename = onRename;
    this.now = now;
    this.time = time;
    this.colours = colours;
    this.#opener.addEventListener('click', () => (this.#wide.matches ? this.#toggleBeside() : this.#openSheet()));
    this.#sheet.addEventListener('close', () => this.#side.append(this.#panel));
    closesOnBackdrop(this.#sheet);
    this.#wide.addEventListener('change', () => this.#widthChanged());
    this.#widthChanged();
  }

  /** In a crowd more are counted than named; before one has joined, who is one of them, nobody is. */
  show() {
    const { presence: { users: people, count }, me } = this.room;
    const asOf = this.#asOf();
    const isCrowd = count > people.length;
    setText(this.#count, String(count));
    this.#count.hidden = count === 0;
    setText(this.#title, titleOf({ count, isCrowd, at: asOf === null ? null : this.time(asOf) }));
    this.#crowd.hidden = !isCrowd;
    this.#panel.toggleAttribute('data-stale', asOf !== null);
    const now = asOf ?? this.now();
    const listed = sorted(isCrowd && !people.some((person) => person.id === me.id) ? [me, ...people] : people, me.id);
    const rows = new Map(listed.map((person) => [person.id, this.#row(person, person.id === me.id, now)]));
    arrange(this.#list, [...rows.values()].map((row) => row.element));
    this.#rows = rows;
  }

  /** When it was known last, if it is not known now. */
  #asOf() {
    const { presence, status } = this.room;
    const now = this.now();
    if (status.state === 'joined') this.#knownAt = now;
    return presence.count === 0 || now - this.#knownAt < STALE_MS ? null : this.#knownAt;
  }

  /**
   * @param {Person} person
   * @param {boolean} isMe
   * @param {number} now
   */
  #row(person, isMe, now) {
    const { id } = person;
    const known = this.#rows.get(id);
    const row = known?.isMe === isMe ? known : new PersonRow({ id, colour: this.colours.of(id), isMe, onRename: () => this.#rename() });
    const lostMs = person.lost_at === undefined ? 0 : now - person.lost_at;
    const isLost = lostMs >= MOMENT_MS;
    row.show({ name: person.name, note: isLost ? lostWords(lostMs) : devicesWords(person), isLost });
    return row;
  }

  #rename() {
    if (this.#sheet.open) this.#sheet.close();
    this.onRename();
  }

  #toggleBeside() {
    this.#side.hidden = !this.#side.hasAttribute('hidden');
    this.#widthChanged();
  }

  #widthChanged() {
    const isWide = this.#wide.matches;
    if (isWide) this.#sheet.close();
    const isBeside = !this.#side.hasAttribute('hidden');
    setAttributes(this.#opener, { 'aria-expanded': isWide ? String(isBeside) : null, 'aria-haspopup': isWide ? null : 'dialog' });
  }

  #openSheet() {
    this.#sheet.append(this.#panel);
    this.#sheet.showModal();
  }
}

/** @param {number} ms */
function lostWords(ms) {
  return `connection lost ${secondsInWords(Math.round(ms / 1000))} ago`;
}

/** @param {Person} person */
function devicesWords({ devices = 1 }) {
  return devices > 1 ? plural(devices, 'device') : '';
}

/** @param {{count: number, isCrowd: boolean, at: string | null}} attendance */
function titleOf({ count, isCrowd, at }) {
  if (count === 0) return 'Here now';
  if (isCrowd) return at === null ? `${count} people are here` : `${count} people as of ${at}`;
  return at === null ? `Here now (${count})` : `Here as of ${at} (${count})`;
}

/**
 * @param {Person[]} people
 * @param {string} me
 */
function sorted(people, me) {
  const order = new Intl.Collator();
  return [...people].sort((a, b) => Number(b.id === me) - Number(a.id === me) || order.compare(a.name, b.name));
}
