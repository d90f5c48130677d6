/** Which emoji somebody means by a word. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { EMOJI_GROUPS, findEmoji } from '../../static/js/page/emoji/find-emoji.js';
import { toned } from '../../static/js/page/emoji/own-emoji.js';

/** @param {string} typed @param {number} [most] */
const found = (typed, most = 1) => findEmoji(typed, most).map(({ emoji }) => emoji);

test('each is found by every name it has, and that name first', () => {
  for (const { emoji, names } of EMOJI_GROUPS.flatMap(({ all }) => all)) {
    for (const name of names) assert.deepEqual(found(name), [emoji], name);
  }
});

test('the names are those that people know from elsewhere', () => {
  const known = { tada: '🎉', '+1': '👍', joy: '😂', sob: '😭', shrug: '🤷', heart: '❤️', 100: '💯', thinking: '🤔', ok_hand: '👌', rofl: '🤣' };
  for (const [name, emoji] of Object.entries(known)) assert.deepEqual(found(name), [emoji], name);
});

test('the beginning of a name goes before that of another word', () => {
  assert.deepEqual(found('fir'), ['🔥']);
  assert.deepEqual(found('hea'), ['❤️']);
  assert.deepEqual(found('part', 2).includes('🥳'), true);
  assert.ok(found('hooray', 3).includes('🎉'));
});

test('of several words each has to fit', () => {
  assert.equal(found('cat tears')[0], '😹');
  assert.deepEqual(found('cat spaceship'), []);
});

test('what nobody calls anything finds nothing, and so does nothing', () => {
  assert.deepEqual(found('xyzzy'), []);
  assert.deepEqual(found(' : '), []);
});

test('everybody in an emoji gets the colour of skin', () => {
  assert.equal(toned('👍', '🏾'), '👍🏾');
  assert.equal(toned('☝️', '🏻'), '☝🏻');
  assert.equal(toned('👩‍🚀', '🏽'), '👩🏽‍🚀');
  assert.equal(toned('👩‍❤️‍👨', '🏿'), '👩🏿‍❤️‍👨🏿');
  assert.equal(toned('🎉', '🏿'), '🎉');
  assert.equal(toned('👍', ''), '👍');
});
