/**
 * Everything around the talk: the bar with its menu and dialogs, the keys, and what is told of the room where the
 * page is not looked at.
 *
 * @typedef {import('../chat/room.js').Room} Room
 * @typedef {{room: Room, connection: import('../chat/connection.js').Connection, link: string,
 *   onProblem: (words: string) => void, onRename: () => void, toComposer: () => void}} HeadPorts
 */

import { listenToKeys } from './keys.js';
import { notifyOf } from './notifications.js';
import { Refused, visitedRooms } from './session.js';
import { get } from './settings.js';
import { signOutHere } from './sign-out.js';
import { leaveFor } from './way-out.js';
import { Invite } from './views/invite.js';
import { Menu } from './views/menu.js';
import { NewBuild } from './views/new-build.js';
import { Shortcuts } from './views/shortcuts.js';
import { Switcher } from './views/switcher.js';
import { TabMarks } from './views/tab-marks.js';

export class RoomHead {
  #shortcuts = new Shortcuts();
  #newBuild = new NewBuild(document.body.dataset.build ?? '');

  /** @param {HeadPorts} ports */
  constructor({ room, connection, link, onProblem, onRename, toComposer }) {
    this.onProblem = onProblem;
    this.marks = new TabMarks(room.id);
    this.invite = new Invite({ link, room: room.id, onProblem });
    this.switcher = new Switcher({ here: room.id, rooms: visitedRooms, go: (path) => void leaveFor(path, (answerMs) => room.leave(answerMs)) });
    const onSwitch = () => this.#open(this.switcher);
    const onHelp = () => this.#open(this.#shortcuts);
    this.menu = new Menu({ room: room.id, myName: () => room.me.name, onSwitch, onHelp, onRename, onSignOut: () => void this.#signOut() });
    listenToKeys({ switch: onSwitch, help: onHelp, back: toComposer }, () => get('keys') === 'on');
    connection.on('online', ({ build }) => this.#newBuild.compare(build));
    notifyOf({ room, onProblem });
  }

  /** In place of the menu, if that was open: the focus comes back to the bar. @param {{open: () => unknown}} dialog */
  #open(dialog) {
    this.menu.close();
    void dialog.open();
  }

  async #signOut() {
    try {
      if (await signOutHere()) location.assign('/');
    } catch (error) {
      this.onProblem(error instanceof Refused ? error.message : 'The server cannot be reached: you are still signed in. Please try again.');
    }
  }
}
