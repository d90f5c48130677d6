/** What is new: the divider, and the number in the title and on the app. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { showBadge } from '../../static/js/page/reading/app-badge.js';
import { Divider } from '../../static/js/page/reading/divider.js';
import { countOf, titleOf, unreadCount } from '../../static/js/page/reading/unread.js';

test('unread are the messages of others beyond the cursor, and stand in the title', () => {
  const line = { kind: 'message', isMine: false };
  const lines = /** @type {any[]} */ ([{ kind: 'floor' }, { ...line, seq: 1 }, { ...line, seq: 2 }, { ...line, seq: 3, isMine: true }, { ...line, seq: null }]);
  assert.equal(unreadCount({ lines, read: 1 }), 1);
  assert.equal(unreadCount({ lines: [{ ...lines[2], isDeleted: true }], read: 1 }), 0);
  assert.deepEqual([titleOf('lobby', 0), titleOf('lobby', 3), titleOf('lobby', 120)], ['lobby', '(3) lobby', '(99+) lobby']);
});

test('beyond 99 nobody counts', () => {
  assert.deepEqual([1, 99, 100, 4_000].map(countOf), ['1', '99', '99+', '99+']);
});

/** @param {number | null} seq @returns {any} */
const message = (seq, isMine = false) => ({ kind: 'message', key: `m${seq}`, seq, isMine });

/** @param {Divider} divider @param {any[]} lines @param {number} read */
const place = (divider, lines, read, isKnown = () => true) => divider.place({ lines, isKnown }, read);

test('the divider stands above the first message of others that is not read', () => {
  const divider = new Divider();
  place(divider, [1, 2, 3, 4].map((seq) => message(seq)), 2);
  assert.equal(divider.seq, 3);
  place(divider, [message(1), message(2)], 2);
  assert.equal(divider.seq, null);
});

test('the divider never stands above a message of one’s own, and who wrote has read what is above', () => {
  const divider = new Divider();
  place(divider, [message(1), message(2), message(3, true), message(4), message(5)], 1);
  assert.equal(divider.seq, 4);
  place(divider, [message(1), message(2, true), message(3, true)], 1);
  assert.equal(divider.seq, null);
  place(divider, [message(1), message(2), message(null, true)], 1);
  assert.equal(divider.seq, 2);
});

test('where the first that is new is not here yet, there is a way up, and then the divider', () => {
  const divider = new Divider();
  const lines = [message(901), message(902)];
  place(divider, lines, 300, () => false);
  assert.deepEqual([divider.seq, divider.isAbove, divider.after], [null, true, 300]);
  divider.look({ lines: [message(300), message(301), ...lines], isKnown: (seq) => seq === 301 });
  assert.deepEqual([divider.seq, divider.isAbove], [301, false]);
});

test('the number on an app counts the rooms of its own chat, not of one under another path of the host', (context) => {
  const channels = /** @type {string[]} */ ([]);
  class Channel {
    /** @param {string} name */
    constructor(name) {
      channels.push(name);
    }
    addEventListener() {}
    postMessage() {}
  }
  const browser = { navigator: { setAppBadge: async () => {} }, BroadcastChannel: Channel, addEventListener: () => {} };
  for (const [name, value] of Object.entries(browser)) {
    const before = Object.getOwnPropertyDescriptor(globalThis, name);
    Object.defineProperty(globalThis, name, { configurable: true, writable: true, value });
    context.after(() => (before ? Object.defineProperty(globalThis, name, before) : Reflect.deleteProperty(globalThis, name)));
  }

  for (const base of ['', '/talk', '/play']) showBadge({ base, room: 'garden' });
  assert.equal(new Set(channels).size, 3);
});
