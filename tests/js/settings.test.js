/** Settings: what was chosen is kept, has a default, and is told here and in other tabs. */

import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';

import { forgetRooms, get, ofRoom, onChange, set } from '../../static/js/page/storage/settings.js';

const browser = /** @type {any} */ (globalThis);

beforeEach(() => {
  const kept = /** @type {Map<string, string>} */ (new Map());
  browser.window = new EventTarget();
  browser.localStorage = {
    getItem: (/** @type {string} */ key) => kept.get(key) ?? null,
    setItem: (/** @type {string} */ key, /** @type {string} */ value) => kept.set(key, value),
    removeItem: (/** @type {string} */ key) => kept.delete(key),
  };
});

/** @param {string} name */
function heardOf(name) {
  const heard = /** @type {string[]} */ ([]);
  const stop = onChange(name, (value) => heard.push(value));
  return { heard, stop };
}

/** @param {string | null} key */
const changedElsewhere = (key) => browser.window.dispatchEvent(Object.assign(new Event('storage'), { key }));

test('what was never chosen has its default, of a room that of all rooms', () => {
  assert.deepEqual(['joins', 'theme', 'notify:lobby', 'unheard-of'].map(get), ['shown', 'system', 'off', '']);
});

test('what was chosen is kept, until the default is chosen again', () => {
  set('notify:a:b', 'mentions');
  assert.deepEqual([get('notify:a:b'), get('notify:a')], ['mentions', 'off']);
  set('notify:a:b', 'off');
  assert.equal(browser.localStorage.getItem('setting:notify:a:b'), null);
});

test('a change is heard under its name, until one stops listening', () => {
  const { heard, stop } = heardOf('joins');
  set('joins', 'hidden');
  set('theme', 'dark');
  stop();
  set('joins', 'shown');
  assert.deepEqual(heard, ['hidden']);
});

test('a change in another tab is heard, also that all was forgotten there', () => {
  const { heard } = heardOf('joins');
  browser.localStorage.setItem('setting:joins', 'hidden');
  changedElsewhere('setting:joins');
  changedElsewhere('setting:theme');
  browser.localStorage.removeItem('setting:joins');
  changedElsewhere(null);
  assert.deepEqual(heard, ['hidden', 'shown']);
});

test('without storage a change is heard all the same', () => {
  browser.localStorage = null;
  const { heard } = heardOf('theme');
  set('theme', 'dark');
  assert.deepEqual([heard, get('theme')], [['dark'], 'system']);
});

test('what was chosen for single rooms is forgotten, and nothing else', () => {
  const own = { 'setting:notify:lobby': 'on', 'setting:notify:a:b': 'on' };
  const ofAnother = { 'setting:notify:/talk/lobby': 'on' };
  const keys = { 'setting:theme': 'dark', ...own, ...ofAnother, 'draft:lobby': 'x' };
  const storage = { removeItem: (/** @type {string} */ key) => delete browser.localStorage[key] };
  browser.localStorage = Object.assign(Object.create(storage), keys);
  forgetRooms('');
  assert.deepEqual(Object.keys(browser.localStorage), ['setting:theme', 'setting:notify:/talk/lobby', 'draft:lobby']);
  forgetRooms('/tal');
  forgetRooms('/talk');
  assert.deepEqual(Object.keys(browser.localStorage), ['setting:theme', 'draft:lobby']);
});

test('two chats on one host choose for their rooms apart', () => {
  set(ofRoom('notify', '/talk', 'lobby'), 'mentions');
  const names = [ofRoom('notify', '', 'lobby'), ofRoom('notify', '/talk', 'lobby'), ofRoom('notify', '/talk/lobby', 'x')];
  assert.deepEqual(names.map(get), ['off', 'mentions', 'off']);
});
