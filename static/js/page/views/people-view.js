/**
 * Who is here: one entry per person, fading when their connection is lost instead of pretending.
 *
 * Beside the talk where there is room, a sheet where there is not; it is the same list.
 *
 * @typedef {import('../../chat/types.js').User & {devices?: number, lost_at?: number}} Person
 */

import { colourOf, initialOf } from '../colour.js';
import { button, element, part, setText } from '../element.js';
import { plural, secondsInWords } from '../times.js';

export class PeopleView {
  #list = part('people', HTMLUListElement);
  #title = part('people-title', HTMLElement);
  #count = part('people-count', HTMLElement);
  #panel = part('people-panel', HTMLElement);
  #side = part('people-side', HTMLElement);
  #sheet = part('people-sheet', HTMLDialogElement);
  #shows = '';

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
    const entries = sorted(people, me).map((person) => ({ person, note: this.#noteOf(person) }));
    const shows = JSON.stringify([entries, count, me]);
    if (shows === this.#shows) return;
    this.#shows = shows;
    setText(this.#count, String(count));
    this.#count.hidden = count === 0;
    setText(this.#title, titleOf(count, people.length));
    this.#list.replaceChildren(...entries.map(({ person, note }) => this.#entry(person, note, person.id === me)));
  }

  /**
   * @param {Person} person
   * @param {string} note
   * @param {boolean} isMe
   */
  #entry(person, note, isMe) {
    const name = element('span', { class: 'person-name' }, element('bdi', {}, person.name));
    const words = element('span', { class: 'person-words' }, name, element('span', { class: 'person-note' }, isMe ? `you${note && `, ${note}`}` : note));
    const avatar = element('span', { class: 'avatar', 'aria-hidden': 'true' }, initialOf(person.name));
    const attributes = { class: 'person', 'data-testid': 'person', 'data-user-id': person.id, 'data-colour': colourOf(person.id), 'data-lost': person.lost_at !== undefined };
    return element('li', attributes, avatar, words, ...(isMe ? [button('Rename', 'link-button person-rename', () => this.#rename())] : []));
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
