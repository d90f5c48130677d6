/**
 * The room page: finds out who one is, asks if nobody knows, and only then loads what a room is made of. Whoever
 * follows a link can type a name while the rest is on its way.
 */

import { part, setText } from './element.js';
import { keepAboveKeyboard } from './keyboard-room.js';
import { knownUser } from './known-user.js';
import { readOpening } from './opening.js';
import { signIn } from './session.js';
import { NameDialog } from './views/name-dialog.js';

const id = document.body.dataset.roomId ?? '';
const opening = readOpening();
const dialog = new NameDialog(signIn);
keepAboveKeyboard();

const me = opening?.user ?? (await knownUser()) ?? (await dialog.ask({ title: 'What should people call you?', submit: 'Join the room', cancel: 'Back' }));
if (me) await enterRoom(me);
else location.assign('/');

/** @param {import('../chat/types.js').User} me */
async function enterRoom(me) {
  const room = await import('./enter.js').catch(() => null);
  if (room) await room.enter({ id, me, opening, dialog });
  else offerToReload();
}

/** A part of the page did not come: only the browser can ask for it again. */
function offerToReload() {
  const action = part('connection-action', HTMLButtonElement);
  part('connection', HTMLElement).dataset.state = 'offline';
  setText(part('connection-words', HTMLElement), 'The page did not arrive whole.');
  setText(action, 'Load it again');
  action.hidden = false;
  action.addEventListener('click', () => location.reload());
}
