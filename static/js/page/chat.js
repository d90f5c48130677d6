/**
 * The room page: finds out who one is, asks if nobody knows, and only then loads what a room is made of. Whoever
 * follows a link can type a name while the rest is on its way.
 */

import { element, part, setText } from './element.js';
import { keepAboveKeyboard } from './keyboard-room.js';
import { knownUser } from './known-user.js';
import { readOpening } from './opening.js';
import { signIn } from './session.js';
import { spanInWords } from './times.js';
import { choosing } from './way-out.js';
import { NameDialog } from './views/name-dialog.js';

const id = document.body.dataset.roomId ?? '';
const opening = readOpening();
const dialog = new NameDialog(signIn);
const connectionWords = part('connection-words', HTMLElement);
keepAboveKeyboard();

const me = opening?.user ?? (await knownUser()) ?? (await askForName());
if (me) await enterRoom(me);
else location.assign(choosing(id));

/** Whoever follows a link is told where it leads. */
function askForName() {
  setText(connectionWords, '');
  const retention = spanInWords(Number(document.body.dataset.retentionMs));
  return dialog.ask({
    title: ['Join ', element('bdi', {}, id)], lead: `Messages here are removed after ${retention}.`, submit: 'Join the room', cancel: 'Back',
  });
}

/** @param {import('../chat/types.js').User} me */
async function enterRoom(me) {
  setText(connectionWords, 'Connecting…');
  const room = await import('./enter.js').catch(() => null);
  if (room) await room.enter({ id, me, opening, dialog });
  else offerToReload();
}

/** A part of the page did not come: only the browser can ask for it again. */
function offerToReload() {
  const action = part('connection-action', HTMLButtonElement);
  part('connection', HTMLElement).dataset.state = 'offline';
  setText(connectionWords, 'The page did not arrive whole.');
  setText(action, 'Load it again');
  action.hidden = false;
  action.addEventListener('click', () => location.reload());
}
