/**
 * What one is called here, and the questions about it.
 *
 * A name is changed everywhere at once, and only then the room is asked: there is a way back to the old one.
 */

import { signIn, wordsOf } from './session.js';
import { choosing } from './way-out.js';

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
    const user = await dialog.ask({
      title: 'That name is taken here', lead: suggestion ? `How about “${suggestion}”?` : 'Please choose another one.',
      submit: before ? 'Change it' : 'Join the room', cancel: before ? `Keep “${before}”` : 'Back', value: suggestion ?? room.me.name,
    });
    if (user) room.rename(user);
    else if (before) await this.#keep(before, { suggestion });
    else location.assign(choosing(room.id));
  }

  /**
   * @param {string} name
   * @param {{suggestion?: string}} refusal of the new one
   */
  async #keep(name, refusal) {
    try {
      const user = await signIn(name);
      this.#before = '';
      this.ports.room.rename(user);
    } catch (error) {
      this.ports.onProblem(wordsOf(error));
      await this.isRefused(refusal);
    }
  }
}
