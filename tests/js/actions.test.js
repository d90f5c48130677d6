/** What one may do with a message: what the server offers, of one's own and of others'. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { MessageActions } from '../../static/js/page/actions/actions.js';

const ALL = ['edit', 'delete', 'react', 'reactions', 'message.reply_to'];
const LINE = { kind: 'message', seq: 7, clientId: 'c7', state: 'sent', isMine: true, isDeleted: false, mine: [], body: {}, content: 'hello', author: { name: 'Ana' } };

/** @param {any[]} lines */
function acting(lines = [], features = ALL) {
  const done = /** @type {any[]} */ ([]);
  const room = {
    features: new Set(features), lines: () => lines, log: { isKnown: (/** @type {number} */ seq) => seq < 100 },
    react: (/** @type {any[]} */ ...what) => done.push(['react', ...what]), edit: (/** @type {any[]} */ ...what) => done.push(['edit', ...what]),
  };
  return { actions: new MessageActions(/** @type {any} */ ({ room })), done };
}

/** @param {any} line */
const may = (line, features = ALL) => [...acting([], features).actions.may({ ...LINE, ...line })];

test('one changes and deletes one’s own, and answers and reacts to all', () => {
  assert.deepEqual(may({}), ['react', 'reply', 'edit', 'delete', 'more']);
  assert.deepEqual(may({ isMine: false }), ['react', 'reply', 'more']);
});

test('what the server does not offer is not there', () => {
  assert.deepEqual(may({}, []), ['more']);
  assert.deepEqual(may({}, ['react']), ['react', 'more']);
});

test('a message on its way can be changed and taken back, and a refused or deleted one has its own ways', () => {
  for (const state of ['waiting', 'sending']) assert.deepEqual(may({ seq: null, state }), ['edit', 'delete']);
  assert.deepEqual([may({ seq: null, state: 'failed' }), may({ isDeleted: true })], [[], []]);
});

test('a reaction joins in, or takes one’s own back', () => {
  const { actions, done } = acting();
  actions.react(/** @type {any} */ (LINE), '👍');
  actions.react(/** @type {any} */ ({ ...LINE, mine: ['👍'] }), '👍');
  assert.deepEqual(done, [['react', 7, '👍', true], ['react', 7, '👍', false]]);
});

test('the newest of one’s own that is there is the one to change', () => {
  const lines = [LINE, { ...LINE, seq: 8 }, { ...LINE, seq: 9, isDeleted: true }, { ...LINE, seq: 10, isMine: false }];
  assert.equal(acting(lines).actions.lastOwn()?.seq, 8);
  assert.equal(acting([LINE], []).actions.lastOwn(), null);
});

test('what is written about is there, gone, or not loaded', () => {
  const { actions } = acting([LINE, { ...LINE, seq: 8, clientId: 'c8', isDeleted: true }]);
  assert.deepEqual(actions.about(7), { author: 'Ana', excerpt: 'hello' });
  assert.deepEqual([actions.about(8), actions.about(9), actions.about('c9'), actions.about(100)], ['gone', 'gone', 'gone', null]);
});

test('a message that has got its place while one changed it is changed there', () => {
  const { actions, done } = acting([LINE]);
  const edit = { ts: 1, before: 'hello', text: 'hallo' };
  actions.save({ ...edit, of: 'c7', base: null });
  actions.save({ ...edit, of: 7, base: 7 });
  actions.save({ ...edit, of: 'c8', base: null });
  assert.deepEqual(done, [['edit', 7, 'hallo', {}], ['edit', 7, 'hallo', { base: 7 }], ['edit', 'c8', 'hallo', {}]]);
});
