/** Rooms: their names, and which of them the switcher offers. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { choosing, pathOf } from '../../static/js/page/browser/place.js';
import { roomChoices } from '../../static/js/page/rooms/room-choices.js';
import { messageFrom, newRoomName, roomChosen, roomFrom, roomProblem } from '../../static/js/page/rooms/room-names.js';

test('a new room’s name is three parts, safe in a link', () => {
  assert.match(newRoomName(), /^[a-z]+-[a-z]+-\d{4}$/);
  assert.equal(newRoomName(() => 0), 'amber-acorn-0000');
  assert.match(newRoomName(() => 0.999999), /^witty-willow-9999$/);
});

test('a room is found by its name or by its link', () => {
  assert.equal(pathOf('a b/ü?'), '/chat/a%20b%2F%C3%BC%3F');
  assert.deepEqual(
    [' lobby ', '#lobby', 'https://chat.example.org/chat/a%20b?x=1', 'http://127.0.0.1:5000/chat/lobby', 'https://x.org/chat/%E0%A4'].map((typed) => roomFrom(typed)),
    ['lobby', 'lobby', 'a b', 'lobby', 'https://x.org/chat/%E0%A4'],
  );
});

test('a name that is typed is small, unless a room one knows is written otherwise; a link is what it is', () => {
  const known = ['Garden', 'lobby', 'LOBBY'];
  assert.deepEqual(['Lobby', 'LOBBY', 'garden', '# Kitchen', 'ÉTÉ'].map((typed) => roomFrom(typed, known)), ['lobby', 'LOBBY', 'Garden', 'kitchen', 'été']);
  assert.equal(roomFrom('https://x.org/chat/Lobby', known), 'Lobby');
});

test('a link leads to its room wherever the chat lies', () => {
  assert.deepEqual(
    ['https://x.org/talk/chat/lobby#s7', 'https://x.org/chat/chat/lobby', 'https://x.org/chat/chat', 'https://x.org/a/b/chat/c?x=/chat/d'].map((typed) => roomFrom(typed)),
    ['lobby', 'lobby', 'chat', 'c'],
  );
  assert.equal(messageFrom('https://x.org/talk/chat/lobby#s7'), '#s7');
  assert.equal(roomFrom('https://x.org?x=/chat/d'), 'https://x.org?x=/chat/d');
});

test('a room that was not entered is what one chooses next, unless it is none', () => {
  for (const room of ['lobby', 'a b+c', 'é?&=#%2F', 'שלום']) assert.equal(roomChosen(choosing(room).slice(1)), room);
  for (const search of ['', '?room=', '?room=a%2Fb', '?room=..', `?room=${'x'.repeat(65)}`, '?other=x']) assert.equal(roomChosen(search), '');
});

test('a link to a message leads to it, and nothing else of its hash is kept', () => {
  assert.equal(messageFrom(' https://chat.example/chat/big-room#s120 '), '#s120');
  assert.equal(messageFrom('https://chat.example/chat/big-room?x=1#s120'), '#s120');
  for (const none of ['https://chat.example/chat/a', 'https://chat.example/chat/a#', 'https://chat.example/chat/a#s0', 'https://chat.example/chat/a#s1"x', '#s120', 'a#s120']) {
    assert.equal(messageFrom(none), '', none);
  }
});

test('a name that is no room is told why before the server has to', () => {
  assert.deepEqual(['lobby', 'é'.repeat(64), '...'].map(roomProblem), ['', '', '']);
  assert.deepEqual(['', 'a/b', '..', 'é'.repeat(65)].map(roomProblem), [
    'Please name a room.', 'A room’s name has no “/”.', 'A room’s name is more than dots.', 'A room’s name has at most 64 characters.',
  ]);
});

const ROOMS = ['old garden', 'Family dinner', 'naïve art', 'garden'].map((id, n) => ({ id, head: 9, read: 9 - n, unread: n }));

/** @param {string} typed @param {string} [here] */
const offered = (typed, here = '') => roomChoices({ rooms: ROOMS, here, typed }).map(({ id, isNew }) => (isNew ? `new: ${id}` : id));

test('with nothing typed the switcher offers the rooms one was in, but for this one', () => {
  assert.deepEqual(offered(''), ['old garden', 'Family dinner', 'naïve art', 'garden']);
  assert.deepEqual(offered(' ', 'garden'), ['old garden', 'Family dinner', 'naïve art']);
  assert.deepEqual(roomChoices({ rooms: ROOMS, here: 'garden', typed: '' }).map(({ unread }) => unread), [0, 1, 2]);
});

test('what is typed is looked for in any case, without its accents, word by word; what begins with it comes first', () => {
  assert.deepEqual(offered('GARD'), ['garden', 'old garden', 'new: gard']);
  assert.deepEqual(offered('dinner fam'), ['Family dinner', 'new: dinner fam']);
  assert.deepEqual(offered('naive'), ['naïve art', 'new: naive']);
});

test('a room of exactly that name, or this one, is not offered as a new one', () => {
  assert.deepEqual(offered('garden'), ['garden', 'old garden']);
  assert.deepEqual(offered('garden', 'garden'), ['old garden']);
  assert.deepEqual(offered('family DINNER'), ['Family dinner']);
  assert.deepEqual(offered('https://chat.example.org/chat/family%20dinner'), ['Family dinner', 'new: family dinner']);
  for (const none of ['a/b', '.', 'x'.repeat(65)]) assert.deepEqual(offered(none), []);
  assert.deepEqual(offered('https://chat.example.org/chat/other%20room'), ['new: other room']);
});

test('a link to a message is kept whole, for the room that it names', () => {
  const messages = (/** @type {string} */ typed) => roomChoices({ rooms: ROOMS, here: '', typed }).map(({ id, message }) => [id, message]);
  assert.deepEqual(messages('https://chat.example/chat/garden#s120'), [['garden', '#s120'], ['old garden', '']]);
  assert.deepEqual(messages('https://chat.example/chat/other#s7'), [['other', '#s7']]);
});
