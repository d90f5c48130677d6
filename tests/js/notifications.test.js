/** What is told of a room while nobody looks at it. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Notifier, noticeOf } from '../../static/js/page/notifications/notifier.js';

/** @param {number} seq @param {string} content */
const message = (seq, content, name = 'Ben') =>
  /** @type {import('../../static/js/chat/types.js').LogEvent} */ ({ seq, user: { id: 'u_ben', name }, body: { content } });

const garden = { base: '', room: 'garden' };

/** A notifier whose time stands still until `later` is called. */
function notifying({ isOurs = /** @type {boolean | null} */ (true), base = '', held = /** @type {string[]} */ ([]) } = {}) {
  const page = { isOn: true, isLookedAt: false, readSeq: 0 };
  const shown = /** @type {{title: string, isClosed: boolean, isQuiet: boolean, click: () => void}[]} */ ([]);
  const opened = /** @type {number[]} */ ([]);
  const waiting = /** @type {(() => void)[]} */ ([]);
  const asked = /** @type {((isOurs: boolean) => void)[]} */ ([]);
  const hold = (/** @type {string} */ name, /** @type {(isOurs: boolean) => void} */ then) => {
    held.push(name);
    asked.push(then);
    if (isOurs !== null) then(isOurs);
  };
  const notifier = new Notifier({
    base, room: 'garden', isOn: () => page.isOn, isLookedAt: () => page.isLookedAt, readSeq: () => page.readSeq,
    hold, later: (_ms, then) => waiting.push(then), open: (seq) => opened.push(seq),
    show: ({ title, options }, click) => {
      const one = { title, isClosed: false, isQuiet: options.silent === true && !options.renotify, click };
      shown.push(one);
      return { close: () => (one.isClosed = true) };
    },
  });
  const later = () => waiting.splice(0).forEach((then) => then());
  const answer = (/** @type {boolean} */ isOurs) => asked.forEach((then) => then(isOurs));
  return { page, notifier, shown, opened, later, answer };
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
  shown[0].click();
  assert.deepEqual(shown.map(({ title }) => title), ['3 new messages in garden']);
  assert.deepEqual(opened, [7]);
});

test('what comes later is told together with what is not read yet, a call too', () => {
  const { page, notifier, shown, opened, later } = notifying();
  notifier.hear({ ...message(7, 'please call me, @Ana'), isCall: true });
  later();
  notifier.hear(message(8, 'lunch?'));
  later();
  shown[1].click();
  page.readSeq = 7;
  notifier.hear(message(9, 'pizza'));
  later();
  page.readSeq = 9;
  notifier.hear(message(10, 'too late'));
  later();
  const titles = ['Ben mentions you in garden', '2 new messages, you are mentioned, in garden', '2 new messages in garden', 'Ben in garden'];
  assert.deepEqual(shown.map(({ title }) => title), titles);
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

test('what comes before it is known which tab tells is told by the one that does', () => {
  for (const isOurs of [true, false]) {
    const { notifier, shown, later, answer } = notifying({ isOurs: null });
    notifier.hear(message(7, 'hello'));
    answer(isOurs);
    later();
    assert.deepEqual(shown.map(({ title }) => title), isOurs ? ['Ben in garden'] : []);
  }
});

test('a tab that takes over tells what comes from then on', () => {
  const { notifier, shown, later, answer } = notifying({ isOurs: false });
  notifier.hear(message(7, 'told by the other'));
  answer(true);
  notifier.hear(message(8, 'hello'));
  later();
  assert.deepEqual(shown.map(({ title }) => title), ['Ben in garden']);
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
  assert.deepEqual([noticeOf(garden, [one]).title, noticeOf(garden, [one]).options.body], ['Ben in garden', `${'x'.repeat(200)}…`]);
  assert.deepEqual([noticeOf(garden, [one, two]).title, noticeOf(garden, [one, two]).options.body], ['2 new messages in garden', 'Cy: bye']);
  const arabic = noticeOf({ base: '', room: 'בית' }, [one, message(9, 'مرحبا', 'أحمد')]);
  assert.deepEqual([arabic.title, arabic.options.body], ['2 new messages in \u2068בית\u2069', '\u2068أحمد\u2069: \u2068مرحبا\u2069']);
  assert.equal(noticeOf(garden, [one]).options.tag, noticeOf(garden, [two]).options.tag);
});

test('a room of the same name under another path of the host is told by itself', () => {
  const held = /** @type {string[]} */ ([]);
  for (const base of ['', '/talk', '/play']) notifying({ base, held });
  assert.equal(new Set(held).size, 3);
  const tags = ['', '/talk', '/play'].map((base) => noticeOf({ base, room: 'garden' }, [message(7, 'hello')]).options.tag);
  assert.equal(new Set(tags).size, 3);
});

test('what is deleted is not told, and what was told of it closes', () => {
  const { notifier, shown, later } = notifying();
  notifier.hear(message(7, 'hello'));
  notifier.hear(message(8, 'sorry, wrong room'));
  notifier.gone(new Set([7]));
  later();
  assert.deepEqual(shown.map(({ title }) => title), ['Ben in garden']);
  notifier.gone(new Set([8]));
  assert.ok(shown[0].isClosed);
  notifier.gone(new Set([8]));
  assert.equal(shown.length, 1);
});

test('of several that were told, those that are left stand there, quietly', () => {
  const { notifier, shown, later } = notifying();
  for (const seq of [7, 8]) notifier.hear(message(seq, 'hello'));
  later();
  notifier.gone(new Set([8]));
  assert.deepEqual(shown.map(({ title, isQuiet }) => [title, isQuiet]), [['2 new messages in garden', false], ['Ben in garden', true]]);
});
