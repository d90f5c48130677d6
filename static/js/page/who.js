/**
 * Who comes into the room: known already, or asked for a name. This is the script of a room's page, and by far the smaller
 * half of it, so that whoever follows a link can type a name while the rest is on its way.
 */

import { keepAboveKeyboard } from './browser/onscreen-keyboard.js';
import { readOpening, readPeopleHere } from './browser/opening.js';
import { choosing } from './browser/place.js';
import { part, properName, setText } from './dom/element.js';
import { knownUser } from './identity/known-user.js';
import { NameDialog } from './identity/name-dialog.js';
import { keepsCookies, signIn } from './identity/session.js';
import { spanInWords } from './text/times.js';

const id = document.body.dataset.roomId ?? '';
const opening = readOpening();
const dialog = new NameDialog(signIn);
const words = part('connection-words', HTMLElement);

keepAboveKeyboard();
const rest = import('./chat.js').catch(offerToReload);
const me = await find();
if (me) await (await rest)?.enter({ id, me, opening, dialog });

/** @returns {Promise<import('../chat/types.js').User | null>} nobody: on the way back to where one chooses a room */
async function find() {
  const user = opening?.user ?? (await knownUser()) ?? (await askForName());
  if (user) setText(words, 'Connecting…');
  else location.assign(choosing(id));
  return user;
}

/** Whoever follows a link is told where it leads, and to whom. */
function askForName() {
  setText(words, '');
  if (!keepsCookies()) setText(part('name-hint', HTMLElement), 'Everybody in the room sees it. This browser keeps no cookies for this site: at each visit you are somebody new, and may need another name.');
  const retention = spanInWords(Number(document.body.dataset.retentionMs));
  return dialog.ask({
    title: ['Join ', properName(id)], people: readPeopleHere(), lead: `Messages here are removed after ${retention}.`, submit: 'Join the room', cancel: 'Back',
  });
}

/** A part of the page did not come: only the browser can ask for it again. */
function offerToReload() {
  const action = part('connection-action', HTMLButtonElement);
  part('connection', HTMLElement).dataset.state = 'offline';
  setText(words, 'The page did not arrive whole.');
  setText(action, 'Load it again');
  action.hidden = false;
  action.addEventListener('click', () => location.reload());
}
