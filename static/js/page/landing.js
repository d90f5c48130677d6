/**
 * The landing page: the rooms one was in, and the way into another one. Somebody new gives a name first; who comes back
 * is known to the page, unless the server could not tell in time.
 */

import { pathOf } from './browser/place.js';
import { complain, part, setText } from './dom/element.js';
import { nameProblem } from './identity/name-problem.js';
import { keepsCookies, signIn, visitedRooms, whoAmI, wordsOf } from './identity/session.js';
import { signOutHere } from './identity/sign-out.js';
import { offerToRename } from './landing/rename-form.js';
import { showUnsent } from './landing/unsent-notes.js';
import { showVisitedRooms, visitedNames } from './landing/visited-rooms.js';
import { messageFrom, newRoomName, roomChosen, roomFrom, roomProblem } from './rooms/room-names.js';
import { forgetWhatIsOld } from './storage/retention.js';

const form = part('enter', HTMLFormElement);
const name = part('name', HTMLInputElement);
const room = part('room', HTMLInputElement);
const problem = part('problem', HTMLElement);
/** What nobody has typed, typing replaces. */
let suggested = newRoomName();
/** The room whose link has led here: it is that one, however its name is written. */
const linked = roomChosen(location.search);

form.addEventListener('submit', (event) => {
  event.preventDefault();
  enter().catch((error) => complain(problem, wordsOf(error)));
});
part('another', HTMLButtonElement).addEventListener('click', () => {
  suggested = newRoomName();
  room.value = suggested;
});
room.addEventListener('focus', () => room.value === suggested && room.select());
part('sign-out', HTMLButtonElement).addEventListener('click', () => {
  leave().catch((error) => complain(problem, wordsOf(error, 'The server cannot be reached: you are still signed in. Please try again.')));
});
if (!keepsCookies()) part('name-field', HTMLElement).hidden = true;
offerToRename();
room.value = linked || suggested;
history.replaceState(history.state, '', location.pathname);
if (!isKnown()) await showWhoIAm().catch(() => complain(problem, 'The server cannot be reached.'));
void forgetWhatIsOld().then(showUnsent);
// Who comes back mostly wants a room of the list: no field takes the focus, and no phone brings up its keyboard.
if (!isKnown() && document.activeElement === document.body) (asksName() && name.value === '' ? name : room).focus();
// What was read elsewhere meanwhile is unread no longer.
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'visible' && isKnown()) visitedRooms().then(showVisitedRooms).then(showUnsent, () => {});
});

/** Where no cookie carries it to the room, the room asks for it. */
function asksName() {
  return !isKnown() && keepsCookies();
}

function isKnown() {
  return 'returning' in document.body.dataset;
}

async function enter() {
  const wanted = roomFrom(room.value, [linked, ...visitedNames()]);
  const why = asksName() ? nameProblem(name.value.trim()) : '';
  if (why !== '') return complain(problem, why, name);
  if (roomProblem(wanted) !== '') return complain(problem, roomProblem(wanted), room);
  if (asksName()) await signIn(name.value.trim());
  location.assign(pathOf(wanted) + messageFrom(room.value));
}

async function leave() {
  if (!(await signOutHere(part('signed-in-name', HTMLElement).textContent ?? ''))) return;
  name.value = '';
  location.reload();
}

async function showWhoIAm() {
  const user = await whoAmI();
  if (user === null) return;
  setText(part('signed-in-name', HTMLElement), user.name);
  showVisitedRooms(await visitedRooms());
  document.body.dataset.returning = '';
}
