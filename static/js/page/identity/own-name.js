/**
 * What one is called here, and the questions about it.
 *
 * A name is changed everywhere at once, and only then the room is asked: where it refuses, the old one is taken back.
 */

import { choosing } from '../browser/place.js';
import { isolated } from '../text/language.js';
import { spanInWords } from '../text/times.js';
import { signIn, wordsOf } from './session.js';

/**
 * @typedef {import('../../chat/types.js').User} User
 * @typedef {{suggestion?: string, wrote_at?: number}} TakenName  `wrote_at`: when its owner, who is not here, wrote last
 * @typedef {{room: import('../../chat/room.js').Room, dialog: import('./name-dialog.js').NameDialog,
 *   now: () => number, onProblem: (words: string) => void, onSignedIn: () => void}} OwnNamePorts
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
   * Somebody else in the room is called so, or has written there under it.
   *
   * @param {TakenName} refusal
   */
  async isRefused(refusal) {
    const { suggestion } = refusal;
    const { room, dialog } = this.ports;
    const before = this.#before;
    if (before) await this.#takeBack(before);
    const user = await dialog.ask({
      title: 'That name is taken here', lead: leadOf(refusal, room.me.name, this.ports.now()),
      submit: before ? 'Change it' : 'Join the room', cancel: before ? `Keep “${isolated(before)}”` : 'Back',
      value: suggestion ?? room.me.name,
    });
    if (user) {
      this.#before = before;
      room.rename(user);
    } else if (!before) {
      location.assign(choosing(room.id));
    } else if (room.me.name !== before && !(await this.#takeBack(before))) {
      await this.isRefused(refusal);
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

/**
 * @param {TakenName} refusal
 * @param {string} name
 * @param {number} now
 */
export function leadOf({ suggestion, wrote_at: wroteAt }, name, now) {
  const offer = suggestion ? `How about “${isolated(suggestion)}”?` : 'Please choose another one.';
  return wroteAt === undefined ? offer : `“${isolated(name)}” wrote here ${spanInWords(Math.max(0, now - wroteAt))} ago. ${offer}`;
}
