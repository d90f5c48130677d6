/**
 * One person of the list as an element that stays while they are here: only what has changed is written,
 * so that a button keeps the focus while the seconds of somebody else count up.
 *
 * @typedef {import('../../chat/types.js').User} Person
 */

import { button, element, properName, setAttributes, setText } from '../dom/element.js';
import { initialsOf } from './colour.js';

export class PersonRow {
  #name = properName('');
  #note = element('span', { class: 'person-note' });
  #avatar = element('span', { class: 'avatar', 'aria-hidden': 'true', translate: 'no' });

  /**
   * @param {{id: string, colour: number, isMe: boolean, onRename: () => void}} whose
   */
  constructor({ id, colour, isMe, onRename }) {
    this.isMe = isMe;
    const words = element('span', { class: 'person-words' }, element('span', { class: 'person-name' }, this.#name), this.#note);
    const attributes = { class: 'person', 'data-testid': 'person', 'data-user-id': id, 'data-colour': colour };
    const actions = isMe ? [button('Rename', 'link-button person-rename', onRename)] : [];
    this.element = element('li', attributes, this.#avatar, words, ...actions);
  }

  /** @param {{name: string, note: string, isLost: boolean}} person */
  show({ name, note, isLost }) {
    setText(this.#name, name);
    setText(this.#avatar, initialsOf(name));
    setText(this.#note, this.isMe ? `you${note && `, ${note}`}` : note);
    setAttributes(this.element, { 'data-lost': isLost });
  }
}
