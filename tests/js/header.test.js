/** The bar: the connection line in words, and the keys that work everywhere. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { connectionLine } from '../../static/js/page/header/connection-words.js';
import { keyCommand } from '../../static/js/page/header/keys.js';

/** @param {Partial<import('../../static/js/page/header/connection-words.js').Situation>} difference */
function lineWhen(difference) {
  const joined = /** @type {const} */ ({ state: 'joined' });
  const { state, words, action } = connectionLine({
    connection: { state: 'online' }, room: joined, catchingUp: 0, waiting: 0, hasUnkept: false, wasOnline: true, hasNetwork: true, now: 0, asOf: null, ...difference,
  });
  return [state, words, action];
}

test('the connection line says what is, in words, and what one can do', () => {
  const waiting = /** @type {const} */ ({ state: 'waiting', retryAt: 3_100 });
  assert.deepEqual(lineWhen({}), ['online', 'Online', null]);
  assert.deepEqual(lineWhen({ catchingUp: 42 }), ['catching-up', 'Catching up (42 messages)', null]);
  assert.deepEqual(lineWhen({ connection: { state: 'connecting' }, wasOnline: false }), ['connecting', 'Connecting…', null]);
  assert.deepEqual(lineWhen({ connection: { state: 'connecting' } }), ['reconnecting', 'Reconnecting…', null]);
  assert.deepEqual(lineWhen({ connection: waiting }), ['reconnecting', 'No connection. Trying again in 4\u00a0s.', 'retry']);
  assert.deepEqual(lineWhen({ connection: waiting, waiting: 2 })[1], 'No connection. Trying again in 4\u00a0s. 2 messages will be sent when you are back.');
  assert.deepEqual(lineWhen({ connection: waiting, hasNetwork: false }), ['offline', 'You are offline. What you write will be sent when you are back.', 'retry']);
  assert.deepEqual(lineWhen({ connection: waiting, hasNetwork: false, waiting: 1 })[1], 'You are offline. 1 message will be sent when you are back.');
  assert.deepEqual(lineWhen({ connection: waiting, hasNetwork: false, waiting: 1, hasUnkept: true })[1], 'You are offline. 1 message will be sent when you are back, if this page stays open.');
  assert.deepEqual(lineWhen({ connection: waiting, asOf: '10:42' })[1], 'Not live: as of 10:42. Trying again in 4\u00a0s.');
  assert.deepEqual(lineWhen({ connection: { state: 'connecting' }, wasOnline: false, asOf: '10:42' })[1], 'Not live: as of 10:42. Connecting…');
  assert.deepEqual(lineWhen({ connection: { state: 'signed-out' } }), ['signed-out', 'Signed out.', 'sign-in']);
  assert.deepEqual(lineWhen({ connection: { state: 'signed-out' }, waiting: 2 })[1], 'Signed out. 2 messages not sent.');
  assert.deepEqual(lineWhen({ connection: { state: 'refused', code: 'banned' } }), ['offline', 'You may not take part here any more.', 'retry']);
  assert.deepEqual(lineWhen({ connection: { state: 'refused', code: 'protocol_unsupported' } }).slice(0, 3), [
    'offline', 'The server has a newer version of this page. Nothing is lost by loading it.', 'reload',
  ]);
  assert.deepEqual(lineWhen({ room: { state: 'joining' }, wasOnline: false }), ['connecting', 'Joining the room…', null]);
  const delay = { refusal: { code: 'rate_limited', message: 'You have opened several new rooms just now.', retryable: true }, retryAt: 41_500 };
  assert.deepEqual(lineWhen({ room: { state: 'joining', delay }, wasOnline: false }), [
    'connecting', 'You have opened several new rooms just now. Joining in 42\u00a0s.', null,
  ]);
  const elsewhere = { ...delay, refusal: { ...delay.refusal, code: 'owner_unavailable' } };
  assert.deepEqual(lineWhen({ room: { state: 'joining', delay: elsewhere } })[1], 'Joining the room…', 'what the reader did not cause is not told');
  assert.deepEqual(lineWhen({ room: { state: 'joining', delay }, now: 41_000 })[1], 'Joining the room…', 'a moment is not worth a word');
  assert.deepEqual(lineWhen({ room: { state: 'refused', refusal: { code: 'room_full', message: 'The room is full.', retryable: false } } }), ['offline', 'The room is full.', 'retry']);
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
