/** One message: what became of it, how long it stands, and how an address names it. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { changeWords, refusedWords } from '../../static/js/page/messages/change-words.js';
import { hashOf, seqOf } from '../../static/js/page/messages/message-hash.js';
import { deliveryWords } from '../../static/js/page/messages/message-row.js';
import { goneWords } from '../../static/js/page/messages/quote.js';
import { refusalWords } from '../../static/js/page/messages/refusal-words.js';
import { isLong } from '../../static/js/page/form/text-height.js';
import { announcement } from '../../static/js/page/notices/announcer.js';
import { typingPieces } from '../../static/js/page/people/typing-words.js';

test('a text is long by its lines, broken or not, and not by the marks on its letters', () => {
  const desk = { width: 1280, height: 800 };
  const isLongHere = (/** @type {string} */ text) => isLong(text, desk);
  assert.deepEqual(['', 'hello', 'x'.repeat(1_700), 'a\n'.repeat(19), `h${'\u0301'.repeat(3_999)}`].map(isLongHere), Array(5).fill(false));
  assert.deepEqual(['x'.repeat(1_900), '\n'.repeat(21), `${'x'.repeat(900)}${'\n'.repeat(15)}`].map(isLongHere), Array(3).fill(true));
});

test('on a narrow or a low screen a shorter text is long', () => {
  const text = 'x'.repeat(1_000);
  assert.equal(isLong(text, { width: 390, height: 844 }), true);
  assert.equal(isLong(text, { width: 1280, height: 800 }), false);
  assert.equal(isLong('a\n'.repeat(12), { width: 1280, height: 400 }), true);
});

test('names of any direction stand apart from the words around them', () => {
  const isName = (/** @type {import('../../static/js/page/text/language.js').Piece[]} */ pieces) => pieces.filter((piece) => piece.isName).map(({ text }) => text);
  assert.deepEqual(isName(typingPieces(['أحمد', 'Ana'].map((name) => ({ name })))), ['أحمد', 'Ana']);
  assert.deepEqual(isName(announcement([{ author: 'أحمد', content: 'hello' }])), ['أحمد']);
  const line = /** @type {any} */ ({ refusal: null, retryAt: null, state: 'paused', author: { id: 'u_1', name: 'أحمد' } });
  assert.equal(deliveryWords(line, 0, true), 'Written as \u2068أحمد\u2069, and not sent.');
});

test('a message that is not sent says why and until when', () => {
  const line = { refusal: null, retryAt: null, body: {} };
  const limited = { code: 'rate_limited', retryable: true };
  const cases = /** @type {[any, boolean, string][]} */ ([
    [{ ...line, state: 'sending' }, true, 'Sending…'],
    [{ ...line, state: 'waiting' }, false, 'Waiting for the connection'],
    [{ ...line, state: 'waiting' }, true, 'Waiting'],
    [{ ...line, state: 'waiting', body: { uploads: [{}] } }, true, ''],
    [{ ...line, state: 'waiting', refusal: limited, retryAt: 2_500 }, true, 'A bit fast: goes out in 3\u00a0s'],
    [{ ...line, state: 'waiting', refusal: { ...limited, code: 'storage_full' }, retryAt: 2_500 }, true, 'Trying again in 3\u00a0s'],
    [
      { ...line, state: 'waiting', refusal: { ...limited, code: 'storage_full' }, retryAt: 2_500, body: { uploads: [{}] } }, true,
      'Waiting: there is no room for files now. Trying again in 3\u00a0s',
    ],
    [{ ...line, state: 'failed', refusal: { code: 'muted', message: 'No.', retryable: false } }, true, 'Not sent. You may read here, but not write.'],
    [{ ...line, state: 'paused', author: { id: 'u_ana', name: 'Ana' } }, true, 'Written as Ana, and not sent.'],
    [{ ...line, state: 'old' }, true, 'Not sent for an hour. Is it still wanted?'],
  ]);
  for (const [state, isOnline, words] of cases) assert.equal(deliveryWords(state, 0, isOnline), words);
});

test('a refusal is told in plain words, never in those of the server', () => {
  const server = { message: 'Text must not contain NUL or half a surrogate pair.', retryable: false };
  assert.equal(refusalWords({ ...server, code: 'bad_request' }), 'There is a character in it that cannot be sent.');
  for (const code of ['from_a_later_server', 'toString']) assert.equal(refusalWords({ ...server, code }), 'It was not accepted here.');
  assert.equal(refusalWords(null), 'It was not accepted here.');
});

test('an address names a message by its seq, and by nothing else', () => {
  assert.equal(hashOf(1234), '#s1234');
  assert.deepEqual(['#s1234', '#s1', '#s0', '#s', '#s-1', '#s12x', 's12', '', '#s99999999999999999'].map(seqOf), [1234, 1, null, null, null, null, null, null, null]);
});

test('a change that is not stored yet says why, if one has to do something, or to wait', () => {
  const refusal = { code: 'too_long', retryable: false };
  const said = (/** @type {any} */ change, isOnline = true) => changeWords({ kind: 'edit', refusal: null, ...change }, isOnline);
  assert.deepEqual(['waiting', 'sending', 'sent'].map((state) => said({ state })), ['', '', '']);
  assert.deepEqual([said({ state: 'waiting' }, false), said({ state: 'sent' }, false)], ['The change waits for the connection', '']);
  assert.equal(said({ state: 'failed', refusal }), 'Your change is not saved. It is too long. Copy it, and send it in two.');
  assert.equal(said({ state: 'conflict' }), 'Your change is not saved. The message has other words by now.');
  assert.equal(said({ state: 'old', kind: 'delete' }), 'The message is not deleted. It has waited for an hour: is it still wanted?');
  assert.equal(said({ state: 'paused' }), 'Your change is not saved. It was made under another name.');
});

test('a change that is refused for good has words of its own', () => {
  const codes = ['target_gone', 'forbidden', 'too_many', 'muted'];
  assert.deepEqual(codes.map((code) => refusedWords({ code, retryable: false })), [
    'The message is not there any more.', 'Only who wrote it can do that.', 'There are as many different ones as a message can have.',
    'You may read here, but not write.',
  ]);
});

test('an answer to what is not there any more says that', () => {
  assert.deepEqual([goneWords({ seq: 7, excerpt: 'hello' }), goneWords({ seq: 7, deleted: true }), goneWords({ seq: 7, expired: true })], [
    '', 'In reply to a message that was deleted', 'In reply to a message that is too old to be here',
  ]);
});

test('reactions to one’s own messages are read out, and a flood of them is counted', () => {
  const said = (/** @type {any[]} */ heard) => announcement(heard).map(({ text }) => text).join('');
  const one = { author: 'Ben', content: 'Shall we?', emoji: '👍' };
  assert.equal(said([one]), 'Ben reacted with 👍 to Shall we?');
  assert.equal(said([one, { ...one, author: 'Cy', emoji: '🎉' }]), 'Ben reacted with 👍 to Shall we?\nCy reacted with 🎉 to Shall we?');
  assert.equal(said([one, one, one, { ...one, author: 'Cy' }]), '4 new reactions, the last from Cy');
});
