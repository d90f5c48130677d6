/**
 * Everything around the talk: the bar with its menu and dialogs, the keys, and what is told of the room where the
 * page is not looked at. What is opened only now and then comes later.
 *
 * @typedef {import('../../chat/room.js').Room} Room
 * @typedef {{open: () => unknown}} Opened
 * @typedef {{room: Room, connection: import('../../chat/connection/connection.js').Connection, link: string,
 *   now: () => number,
 *   onProblem: (words: string) => void, onRename: () => void, toComposer: () => void, toMessage: (seq: number) => void}} HeadPorts
 */

import { ports } from '../browser/ports.js';
import { BASE, pathOf } from '../browser/place.js';
import { part } from '../dom/element.js';
import { visitedRooms, wordsOf } from '../identity/session.js';
import { hashOf } from '../messages/message-hash.js';
import { NewBuild } from '../notices/new-build.js';
import { notifyWhereWanted } from '../notifications/notifications.js';
import { TabMarks } from '../reading/tab-marks.js';
import { leaveFor } from '../rooms/leaving.js';
import { get } from '../storage/settings.js';
import { listenToKeys } from './keys.js';
import { later, loadInPeace } from './later.js';
import { Menu } from './menu.js';

const UNREACHED = 'The server cannot be reached';

export class RoomHead {
  #newBuild = new NewBuild(document.body.dataset.build ?? '');
  /** The dialogs that were asked for before, by name. @type {Map<string, Promise<Opened>>} */
  #dialogs = new Map();

  /** @param {HeadPorts} ports */
  constructor({ room, connection, link, now, onProblem, onRename, toComposer, toMessage }) {
    this.room = room;
    this.now = now;
    this.onProblem = onProblem;
    this.toMessage = toMessage;
    this.marks = new TabMarks(room.id);
    this.link = link;
    part('invite', HTMLButtonElement).addEventListener('click', () => this.openInvite());
    const onSwitch = () => void this.#openToType('switcher', () => this.#loadSwitcher());
    // Before the server has greeted nobody knows: what is typed next is for the dialog all the same, and waits there.
    const canSearch = () => connection.hello === null || room.features.has('search');
    const onSearch = () => void (canSearch() && this.#openToType('search', () => this.#loadSearch()));
    const onHelp = () => this.#open('shortcuts', () => this.#loadShortcuts());
    const onSignOut = () => void this.#signOut();
    this.menu = new Menu({ room: room.id, myName: () => room.me.name, has: (feature) => room.features.has(feature), onSwitch, onSearch, onHelp, onRename, onSignOut });
    listenToKeys({ switch: onSwitch, search: onSearch, help: onHelp, back: toComposer, write: toComposer }, () => get('keys') === 'on');
    connection.on('online', ({ build }) => this.#newBuild.compare(build));
    const stop = connection.on('online', () => {
      stop();
      loadInPeace();
    });
    notifyWhereWanted({ room, onProblem });
  }

  openInvite() {
    void this.#open('invite', () => this.#loadInvite());
  }

  /**
   * The dialog is there at once: what is typed next belongs into it, also while its script is on its way.
   *
   * @param {'switcher' | 'search'} name
   * @param {() => Promise<Opened>} load
   */
  async #openToType(name, load) {
    const dialog = part(name, HTMLDialogElement);
    const input = part(`${name}-input`, HTMLInputElement);
    this.menu.close();
    if (name === 'switcher') input.value = ''; // what one has searched for one may search for again
    if (!dialog.open) dialog.showModal();
    input.select();
    if (!(await this.#open(name, load))) dialog.close();
  }

  /**
   * In place of the menu, if that was open: the focus comes back to the bar.
   *
   * @param {string} name
   * @param {() => Promise<Opened>} load
   * @returns {Promise<boolean>} whether it could be had
   */
  async #open(name, load) {
    this.menu.close();
    const dialog = this.#dialogs.get(name) ?? load();
    this.#dialogs.set(name, dialog);
    try {
      (await dialog).open();
      return true;
    } catch {
      this.#dialogs.delete(name);
      this.onProblem(`${UNREACHED}. Please try again.`);
      return false;
    }
  }

  async #loadInvite() {
    const { Invite } = await later.invite();
    return new Invite({ link: this.link, room: this.room.id, onProblem: this.onProblem });
  }

  async #loadShortcuts() {
    const { Shortcuts } = await later.shortcuts();
    return new Shortcuts({ has: (feature) => this.room.features.has(feature) });
  }

  async #loadSwitcher() {
    const { Switcher } = await later.switcher();
    const { room } = this;
    return new Switcher({ here: room.id, rooms: visitedRooms, go: (path) => this.#go(path) });
  }

  async #loadSearch() {
    const { SearchDialog } = await later.search();
    const { room } = this;
    const open = (/** @type {string} */ id, /** @type {number} */ seq) => (id === room.id ? this.toMessage(seq) : this.#go(pathOf(id) + hashOf(seq)));
    return new SearchDialog({ room, timers: ports.timers, now: this.now, rooms: visitedRooms, open });
  }

  /** @param {string} path */
  #go(path) {
    void leaveFor(path, (answerMs) => this.room.leave(answerMs));
  }

  async #signOut() {
    try {
      const { signOutHere } = await later.signOut();
      if (await signOutHere(this.room.me.name, this.room.outboxDriver.unkeptCount)) location.assign(`${BASE}/`);
    } catch (error) {
      this.onProblem(wordsOf(error, `${UNREACHED}: you are still signed in. Please try again.`));
    }
  }
}
