/** The landing page: a name, a room, and the rooms one was in. */

import { element, part, setText } from './element.js';
import { forgetWhatIsOld } from './left-behind.js';
import { newRoomName, pathOf, roomChosen, roomFrom, roomProblem } from './room-names.js';
import { Refused, signIn, visitedRooms, whoAmI } from './session.js';
import { signOutHere } from './sign-out.js';
import { unreadBadge } from './views/unread-badge.js';

const form = part('enter', HTMLFormElement);
const name = part('name', HTMLInputElement);
const room = part('room', HTMLInputElement);
const problem = part('problem', HTMLElement);
let signedInAs = '';

form.addEventListener('submit', (event) => {
  event.preventDefault();
  enter().catch((error) => complain(error instanceof Refused ? error.message : 'The server cannot be reached. Please try again.'));
});
part('another', HTMLButtonElement).addEventListener('click', () => {
  room.value = newRoomName();
});
part('sign-out', HTMLButtonElement).addEventListener('click', () => {
  leave().catch((error) => complain(error instanceof Refused ? error.message : 'The server cannot be reached: you are still signed in. Please try again.'));
});
void forgetWhatIsOld();
room.value = roomChosen(location.search) || newRoomName();
history.replaceState(history.state, '', location.pathname);
(name.value === '' ? name : room).focus();
await showWhoIAm().catch(() => complain('The server cannot be reached.'));
// What was read elsewhere meanwhile is unread no longer.
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'visible' && signedInAs !== '') visitedRooms().then(showRooms, () => {});
});

async function enter() {
  const wanted = { name: name.value.trim(), room: roomFrom(room.value) };
  if (wanted.name === '') return complain('Please type a name.', name);
  if (roomProblem(wanted.room) !== '') return complain(roomProblem(wanted.room), room);
  if (wanted.name !== signedInAs) await signIn(wanted.name);
  location.assign(pathOf(wanted.room));
}

async function leave() {
  if (!(await signOutHere())) return;
  name.value = '';
  location.reload();
}

/**
 * @param {string} words
 * @param {HTMLElement} [field]
 */
function complain(words, field) {
  setText(problem, words);
  problem.hidden = false;
  field?.focus();
}

async function showWhoIAm() {
  const user = await whoAmI();
  if (user === null) return;
  signedInAs = user.name;
  if (name.value === '') name.value = user.name;
  setText(part('signed-in-name', HTMLElement), user.name);
  part('signed-in', HTMLElement).hidden = false;
  showRooms(await visitedRooms());
}

/** @param {import('./session.js').VisitedRoom[]} rooms */
function showRooms(rooms) {
  const list = part('visited-rooms', HTMLElement);
  const focused = list.contains(document.activeElement) && document.activeElement?.getAttribute('href');
  const links = rooms.map(({ id, unread }) => {
    const name = element('span', { class: 'room-row-name', dir: 'auto' }, id);
    return element('a', { class: 'room-row', href: pathOf(id) }, name, ...unreadBadge(unread));
  });
  list.replaceChildren(...links.map((link) => element('li', {}, link)));
  links.find((link) => link.getAttribute('href') === focused)?.focus();
  part('visited', HTMLElement).hidden = rooms.length === 0;
}
