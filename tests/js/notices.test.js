/** What is said to those who cannot see messages arrive. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { announcement } from '../../static/js/page/notices/announcer.js';

/** @param {import('../../static/js/page/text/language.js').Piece[]} pieces */
const wordsOf = (pieces) => pieces.map(({ text }) => text).join('');

test('a few new messages are read out, a flood is counted', () => {
  const message = { author: 'Ana', content: 'hello' };
  assert.equal(wordsOf(announcement([message])), 'Ana: hello');
  assert.equal(wordsOf(announcement([message, message])), 'Ana: hello\nAna: hello');
  assert.equal(wordsOf(announcement(Array(5).fill(message))), '5 new messages, the last from Ana');
});
