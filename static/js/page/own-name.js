/**
 * What one is called here, and the questions about it.
 *
 * A name is changed everywhere at once, and only then the room is asked: where it refuses, the old one is taken back.
 */

import { isolated } from './language.js';
import { signIn, wordsOf } from './session.js';
import { choosing } from './place.js';

/**
 * @typedef {import('../chat/types.js').User} User
 * @typedef {{room: import('../chat/room.js').Room, dialog: import('./views/name-dialog.js').NameDialog,
 *   onProblem: (words: string) => void, onSignedIn: () => void}} OwnNamePorts
 */

export class OwnName {
  /** What one was called before a change of name that the room has not taken yet. */
  #before = '';

  /** @param {OwnNamePorts} ports */
  constructor(ports) {
    this.ports = ports;
  }

  /** The room has taken it. */
  isTaken() {
    this.#before = '';
  }

  async change() {
    const { name } = this.ports.room.me;
    const user = await this.ports.dialog.ask({ title: 'Change your name', submit: 'Change it', cancel: 'Cancel', value: name });
    if (!user) return;
    this.#before = name;
    this.ports.room.rename(user);
  }

  async signIn() {
    const { room, dialog, onSignedIn } = this.ports;
    const user = await dialog.ask({ title: 'Sign in again', submit: 'Sign in', cancel: 'Cancel', value: room.me.name });
    if (!user) return;
    room.become(user);
    onSignedIn();
  }

  /**
   * Somebody else in the room is called so.
   *
   * @param {{suggestion?: string}} refusal
   */
  async isRefused({ suggestion }) {
    const { room, dialog } = this.ports;
    const before = this.#before;
    if (before) await this.#takeBack(before);
    const user = await dialog.ask({
      title: 'That name is taken here', lead: suggestion ? `How about “${isolated(suggestion)}”?` : 'Please choose another one.',
      submit: before ? 'Change it' : 'Join the room', cancel: before ? `Keep “${isolated(before)}”` : 'Back', value: suggestion ?? room.me.name,
    });
    if (user) {
      this.#before = before;
      room.rename(user);
    } else if (!before) {
      location.assign(choosing(room.id));
    } else if (room.me.name !== before && !(await this.#takeBack(before))) {
      await this.isRefused({ suggestion });
    }
  }

  /** @param {string} name @returns {Promise<boolean>} whether the server was reached */
  async #takeBack(name) {
    try {
      const user = await signIn(name);
      this.#before = '';
      this.ports.room.rename(user);
      return true;
    } catch (error) {
      this.ports.onProblem(wordsOf(error));
      return false;
    }
  }
}
