/**
 * The room switcher: type a part of a name, choose with the arrows, go with Enter. The focus stays where one
 * types; what is chosen is told by `aria-activedescendant`.
 *
 * @typedef {import('../identity/session.js').VisitedRoom} VisitedRoom
 * @typedef {import('./room-choices.js').RoomChoice} RoomChoice
 */

import { pathOf } from '../browser/place.js';
import { closesOnBackdrop } from '../dom/dialog.js';
import { element, part, properName, setAttributes, setText } from '../dom/element.js';
import { roomChoices } from './room-choices.js';
import { roomFrom, roomProblem } from './room-names.js';
import { unreadBadges } from './unread-badge.js';

const STEPS = /** @type {Record<string, number>} */ ({ ArrowDown: 1, ArrowUp: -1 });

export class Switcher {
  #dialog = part('switcher', HTMLDialogElement);
  #input = part('switcher-input', HTMLInputElement);
  #list = part('switcher-rooms', HTMLElement);
  #note = part('switcher-note', HTMLElement);
  /** @type {VisitedRoom[]} */
  #rooms = [];
  /** @type {RoomChoice[]} */
  #choices = [];
  #chosen = 0;

  /**
   * @param {{here: string, rooms: () => Promise<VisitedRoom[]>, go: (path: string) => void}} ports
   */
  constructor({ here, rooms, go }) {
    this.here = here;
    this.rooms = rooms;
    this.go = go;
    this.#input.addEventListener('input', () => this.#show());
    this.#input.addEventListener('keydown', (event) => this.#pressed(event));
    closesOnBackdrop(this.#dialog);
  }

  /** The dialog is open: what has been typed there is looked for. */
  async open() {
    this.#input.focus();
    this.#show();
    if (this.#choices.length === 0) this.#say('Looking for your rooms…');
    try {
      this.#rooms = await this.rooms();
      this.#show();
    } catch {
      this.#show();
      this.#say('Your rooms cannot be asked for now. Type the name of one.');
    }
  }

  #show() {
    this.#choices = roomChoices({ rooms: this.#rooms, here: this.here, typed: this.#input.value });
    this.#list.replaceChildren(...this.#choices.map((choice, index) => this.#option(choice, index)));
    this.#say(this.#choices.length === 0 ? this.#whyNone(roomFrom(this.#input.value, [this.here])) : '');
    this.#choose(0);
  }

  /** @param {string} wanted */
  #whyNone(wanted) {
    if (wanted === '') return 'No other room yet: type a name to open one.';
    return wanted === this.here ? 'You are in this room.' : roomProblem(wanted);
  }

  /**
   * @param {RoomChoice} choice
   * @param {number} index
   */
  #option({ id, unread, mentions, isNew }, index) {
    const name = properName(id, { class: 'room-row-name' });
    const words = isNew ? [element('span', { class: 'room-row-note' }, 'Open '), name] : [name, ...unreadBadges(unread, mentions)];
    const option = element('li', { class: 'room-row', role: 'option', id: `switcher-room-${index}` }, ...words);
    option.addEventListener('click', () => this.#goTo(index));
    return option;
  }

  /** @param {number} index */
  #choose(index) {
    const { children } = this.#list;
    setAttributes(this.#input, { 'aria-expanded': String(children.length > 0), 'aria-activedescendant': children[index]?.id ?? null });
    for (const [at, option] of [...children].entries()) option.setAttribute('aria-selected', String(at === index));
    children[index]?.scrollIntoView({ block: 'nearest' });
    this.#chosen = index;
  }

  /** @param {KeyboardEvent} event */
  #pressed(event) {
    if (event.isComposing) return;
    const isAgain = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k';
    if (isAgain) event.preventDefault();
    if (isAgain) return this.#dialog.close();
    const step = STEPS[event.key];
    if (step === undefined && event.key !== 'Enter') return;
    event.preventDefault();
    if (step === undefined) return this.#goTo(this.#chosen);
    const count = this.#choices.length;
    if (count > 0) this.#choose((this.#chosen + step + count) % count);
  }

  /** @param {number} index */
  #goTo(index) {
    const choice = this.#choices[index];
    if (!choice) return;
    this.#dialog.close();
    this.go(pathOf(choice.id) + choice.message);
  }

  /** @param {string} words */
  #say(words) {
    setText(this.#note, words);
  }
}
