/** Around the talk: the switcher's choices, the keys, notifications, the code to scan, the number on the app. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { keyCommand } from '../../static/js/page/header/keys.js';
import { pathOf } from '../../static/js/page/invite/qr-code.js';
import { Notifier, noticeOf } from '../../static/js/page/notifications/notifier.js';
import { countOf } from '../../static/js/page/reading/unread.js';
import { roomChoices } from '../../static/js/page/rooms/room-choices.js';

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

const SURROUNDINGS = { isWriting: false, isModal: false, isMenuOpen: false, isBareOn: true, hasText: false, hasPointed: false };

test('Ctrl or Cmd and K goes to another room, wherever one is but in a dialog', () => {
  const pressed = { key: 'k', ctrlKey: true };
  assert.equal(keyCommand(pressed, { ...SURROUNDINGS, isWriting: true }), 'switch');
  assert.equal(keyCommand({ key: 'K', metaKey: true }, { ...SURROUNDINGS, isMenuOpen: true }), 'switch');
  assert.equal(keyCommand(pressed, { ...SURROUNDINGS, isModal: true }), null);
  assert.equal(keyCommand({ ...pressed, altKey: true }, SURROUNDINGS), null);
});

test('“?” lists the keys unless one is writing, or has switched it off', () => {
  const pressed = { key: '?' };
  assert.equal(keyCommand(pressed, SURROUNDINGS), 'help');
  for (const difference of [{ isWriting: true }, { isModal: true }, { isMenuOpen: true }]) {
    assert.equal(keyCommand(pressed, { ...SURROUNDINGS, ...difference }), null);
  }
  assert.equal(keyCommand({ key: '/', ctrlKey: true }, { ...SURROUNDINGS, isWriting: true, isBareOn: false }), 'help');
});

test('what would be text goes to where one writes, “?” too when it goes on with one', () => {
  for (const key of ['a', 'É', 'я', '1', '/', '😀', 'Process', 'Dead']) assert.equal(keyCommand({ key }, SURROUNDINGS), 'write', key);
  for (const key of [' ', 'Enter', 'Tab', 'ArrowUp', 'F5', 'Backspace', 'Shift']) assert.equal(keyCommand({ key }, SURROUNDINGS), null, key);
  assert.equal(keyCommand({ key: '?' }, { ...SURROUNDINGS, hasText: true }), 'write');
  assert.equal(keyCommand({ key: '?' }, { ...SURROUNDINGS, hasPointed: true }), 'write');
  assert.equal(keyCommand({ key: '?' }, { ...SURROUNDINGS, isBareOn: false }), 'write');
  assert.equal(keyCommand({ key: 'v', metaKey: true }, SURROUNDINGS), 'write');
  for (const other of [{ key: 'a', ctrlKey: true }, { key: 'a', altKey: true }, { key: 'c', metaKey: true }]) assert.equal(keyCommand(other, SURROUNDINGS), null);
  assert.equal(keyCommand({ key: '@', ctrlKey: true, altKey: true, isThirdLevel: true }, SURROUNDINGS), 'write'); // AltGr of Windows
  for (const difference of [{ isWriting: true }, { isModal: true }, { isMenuOpen: true }]) {
    for (const pressed of [{ key: 'a' }, { key: 'v', ctrlKey: true }]) assert.equal(keyCommand(pressed, { ...SURROUNDINGS, ...difference }), null);
  }
});

test('Esc goes back to writing, when there is nothing open that it closes', () => {
  const pressed = { key: 'Escape' };
  assert.equal(keyCommand(pressed, SURROUNDINGS), 'back');
  for (const difference of [{ isModal: true }, { isMenuOpen: true }]) assert.equal(keyCommand(pressed, { ...SURROUNDINGS, ...difference }), null);
  assert.equal(keyCommand({ ...pressed, isComposing: true }, SURROUNDINGS), null);
});

/** @param {number} seq @param {string} content */
const message = (seq, content, name = 'Ben') =>
  /** @type {import('../../static/js/chat/types.js').LogEvent} */ ({ seq, user: { id: 'u_ben', name }, body: { content } });

/** A notifier whose time stands still until `later` is called. */
function notifying({ isOurs = true } = {}) {
  const page = { isOn: true, isLookedAt: false, readSeq: 0 };
  const shown = /** @type {{title: string, isClosed: boolean, click: () => void}[]} */ ([]);
  const opened = /** @type {number[]} */ ([]);
  const waiting = /** @type {(() => void)[]} */ ([]);
  const notifier = new Notifier({
    room: 'garden', isOn: () => page.isOn, isLookedAt: () => page.isLookedAt, readSeq: () => page.readSeq,
    hold: (_name, then) => isOurs && then(), later: (_ms, then) => waiting.push(then), open: (seq) => opened.push(seq),
    show: ({ title }, click) => {
      const one = { title, isClosed: false, click };
      shown.push(one);
      return { close: () => (one.isClosed = true) };
    },
  });
  const later = () => waiting.splice(0).forEach((then) => then());
  return { page, notifier, shown, opened, later };
}

test('a message is told a moment later, and a click opens it', () => {
  const { notifier, shown, opened, later } = notifying();
  notifier.hear(message(7, 'hello'));
  assert.equal(shown.length, 0);
  later();
  assert.deepEqual(shown.map(({ title }) => title), ['Ben in garden']);
  shown[0].click();
  assert.deepEqual(opened, [7]);
});

test('what comes within a moment is told together, and a click opens the first of it', () => {
  const { notifier, shown, opened, later } = notifying();
  for (const seq of [7, 8, 9]) notifier.hear(message(seq, 'hello'));
  later();
  notifier.hear(message(10, 'and more'));
  later();
  assert.deepEqual(shown.map(({ title }) => title), ['3 new messages in garden', 'Ben in garden']);
  shown[0].click();
  assert.deepEqual(opened, [7]);
});

test('nothing is told while the page is looked at, where it was switched off, or by a second tab', () => {
  for (const difference of [{ isLookedAt: true }, { isOn: false }]) {
    const { page, notifier, shown, later } = notifying();
    Object.assign(page, difference);
    notifier.hear(message(7, 'hello'));
    Object.assign(page, { isLookedAt: false, isOn: true });
    later();
    assert.equal(shown.length, 0);
  }
  const second = notifying({ isOurs: false });
  second.notifier.hear(message(7, 'hello'));
  second.later();
  assert.equal(second.shown.length, 0);
});

test('what is read within the moment is not told, and what is read later is taken back', () => {
  const { page, notifier, shown, later } = notifying();
  notifier.hear(message(7, 'hello'));
  page.readSeq = 7;
  later();
  assert.equal(shown.length, 0);

  notifier.hear(message(8, 'hello'));
  notifier.hear(message(9, 'hello'));
  later();
  page.readSeq = 8;
  notifier.read();
  assert.equal(shown[0].isClosed, false);
  page.readSeq = 9;
  notifier.read();
  assert.equal(shown[0].isClosed, true);
});

test('one message is told by who says what, many by their number and the last', () => {
  const [one, two] = [message(7, 'x'.repeat(500)), message(8, 'bye', 'Cy')];
  assert.deepEqual([noticeOf('garden', [one]).title, noticeOf('garden', [one]).options.body], ['Ben in garden', `${'x'.repeat(200)}…`]);
  assert.deepEqual([noticeOf('garden', [one, two]).title, noticeOf('garden', [one, two]).options.body], ['2 new messages in garden', 'Cy: bye']);
  const arabic = noticeOf('בית', [one, message(9, 'مرحبا', 'أحمد')]);
  assert.deepEqual([arabic.title, arabic.options.body], ['2 new messages in \u2068בית\u2069', '\u2068أحمد\u2069: \u2068مرحبا\u2069']);
  assert.equal(noticeOf('garden', [one]).options.tag, noticeOf('garden', [two]).options.tag);
});

test('a code’s path has one bar for each run of dark modules', () => {
  assert.equal(pathOf([[true, true, false, true], [false, false, false, false], [false, true, true, true]]), 'M0 0h2v1h-2zM3 0h1v1h-1zM1 2h3v1h-3z');
});

test('beyond 99 nobody counts', () => {
  assert.deepEqual([1, 99, 100, 4_000].map(countOf), ['1', '99', '99+', '99+']);
});
