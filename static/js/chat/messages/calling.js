/** Whom one may call in a room, and whom a text calls: those who are here, and those who have spoken. */

import { EVERYBODY, mentionsIn } from './mentions.js';

/** Where more are, the server lets nobody call them all. */
const CALLED_AT_ONCE = 20;

/** @typedef {import('../types.js').User} User */

export class Calling {
  /**
   * @param {{me: () => User, presence: () => {users: User[], count: number}, rows: () => import('./rows.js').Row[],
   *   isOffered: () => boolean}} ports  `isOffered`: whether the server knows of it
   */
  constructor({ me, presence, rows, isOffered }) {
    this.me = me;
    this.presence = presence;
    this.rows = rows;
    this.isOffered = isOffered;
  }

  /** Who is here first, then those who have spoken, the last one first. @returns {User[]} */
  people() {
    const people = new Map(this.presence().users.map((user) => [user.id, user]));
    for (const row of this.rows().toReversed()) if (row.kind === 'event' && !people.has(row.event.user.id)) people.set(row.event.user.id, row.event.user);
    people.delete(this.me().id);
    return [...people.values()];
  }

  /** @param {string} id */
  isHere(id) {
    return this.presence().users.some((user) => user.id === id);
  }

  /** How many are here, where one may call them all. */
  get everybody() {
    const { count } = this.presence();
    return count <= CALLED_AT_ONCE ? count : 0;
  }

  /**
   * As a part of what is sent.
   *
   * @param {string} content
   * @param {import('../types.js').Mention[]} [before] whom the message calls already
   * @returns {{mentions?: import('../types.js').Mention[]}}
   */
  calls(content, before = []) {
    if (!content.includes('@') || !this.isOffered()) return {};
    const mentions = mentionsIn(content, [...before, ...this.people(), ...(this.everybody > 0 ? [EVERYBODY] : [])]);
    return mentions.length > 0 ? { mentions } : {};
  }
}
