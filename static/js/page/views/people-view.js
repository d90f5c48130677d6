/**
 * Who is here: one entry per person, fading when their connection is lost instead of pretending.
 *
 * Beside the talk where there is room, a sheet where there is not; it is the same list.
 *
 * @typedef {import('./person-row.js').Person} Person
 */

import { arrange } from '../arrange.js';
import { part, setText } from '../element.js';
import { plural, secondsInWords } from '../times.js';
import { PersonRow } from './person-row.js';

export class PeopleView {
  #list = part('people', HTMLUListElement);
  #title = part('people-title', HTMLElement);
  #count = part('people-count', HTMLElement);
  #panel = part('people-panel', HTMLElement);
  #side = part('people-side', HTMLElement);
  #sheet = part('people-sheet', HTMLDialogElement);
  /** What is on the screen, by user id. @type {Map<string, PersonRow>} */
  #rows = new Map();

  /** @param {{onRename: () => void, now: () => number}} ports */
  constructor({ onRename, now }) {
    this.onRename = onRename;
    this.now = now;
    part('people-open', HTMLButtonElement).addEventListener('click', () => this.#openSheet());
    this.#sheet.addEventListener('close', () => this.#side.append(this.#panel));
    this.#sheet.addEventListener('click', ({ target }) => target === this.#sheet && this.#sheet.close());
    matchMedia('(min-width: 50.01rem)').addEventListener('change', ({ matches }) => matches && this.#sheet.close());
  }

  /**
   * @param {Person[]} people
   * @param {number} count more than are named, in a large room; none before one has joined, who is one of them
   * @param {string} me
   */
  show(people, count, me) {
    setText(this.#count, String(count));
    this.#count.hidden = count === 0;
    setText(this.#title, titleOf(count, people.length));
    const rows = new Map(sorted(people, me).map((person) => [person.id, this.#row(person, person.id === me)]));
    arrange(this.#list, [...rows.values()].map((row) => row.element));
    this.#rows = rows;
  }

  /**
   * @param {Person} person
   * @param {boolean} isMe
   */
  #row(person, isMe) {
    const known = this.#rows.get(person.id);
    const row = known?.isMe === isMe ? known : new PersonRow({ id: person.id, isMe, onRename: () => this.#rename() });
    row.show({ name: person.name, note: this.#noteOf(person), isLost: person.lost_at !== undefined });
    return row;
  }

  /** @param {Person} person */
  #noteOf({ lost_at: lostAt, devices = 1 }) {
    if (lostAt !== undefined) return `connection lost ${secondsInWords(Math.max(0, Math.round((this.now() - lostAt) / 1000)))} ago`;
    return devices > 1 ? plural(devices, 'device') : '';
  }

  #rename() {
    if (this.#sheet.open) this.#sheet.close();
    this.onRename();
  }

  #openSheet() {
    this.#sheet.append(this.#panel);
    this.#sheet.showModal();
  }
}

/**
 * @param {number} count
 * @param {number} named
 */
function titleOf(count, named) {
  if (count === 0) return 'Here now';
  return count > named ? `${count} people are here` : `Here now (${count})`;
}

/**
 * @param {Person[]} people
 * @param {string} me
 */
function sorted(people, me) {
  const order = new Intl.Collator();
  return [...people].sort((a, b) => Number(b.id === me) - Number(a.id === me) || order.compare(a.name, b.name));
}
