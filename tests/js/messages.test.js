/** One message: what became of it, how long it stands, and how an address names it. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { hashOf, seqOf } from '../../static/js/page/messages/message-hash.js';
import { deliveryWords } from '../../static/js/page/messages/message-row.js';
import { refusalWords } from '../../static/js/page/messages/refusal-words.js';
import { isLong } from '../../static/js/page/messages/text-height.js';
import { announcement } from '../../static/js/page/notices/announcer.js';
import { typingPieces } from '../../static/js/page/people/typing-words.js';

test('a text is long by its lines, broken or not, and not by the marks on its letters', () => {
  assert.deepEqual(['', 'hello', 'x'.repeat(1_800), 'a\n'.repeat(29), `h${'\u0301'.repeat(3_999)}`].map(isLong), Array(5).fill(false));
  assert.deepEqual(['x'.repeat(1_900), '\n'.repeat(31), `${'x'.repeat(900)}${'\n'.repeat(20)}`].map(isLong), Array(3).fill(true));
});

test('names of any direction stand apart from the words around them', () => {
  const isName = (/** @type {import('../../static/js/page/text/language.js').Piece[]} */ pieces) => pieces.filter((piece) => piece.isName).map(({ text }) => text);
  assert.deepEqual(isName(typingPieces(['أحمد', 'Ana'].map((name) => ({ name })))), ['أحمد', 'Ana']);
  assert.deepEqual(isName(announcement([{ author: 'أحمد', content: 'hello' }])), ['أحمد']);
  const line = /** @type {any} */ ({ refusal: null, retryAt: null, state: 'paused', author: { id: 'u_1', name: 'أحمد' } });
  assert.equal(deliveryWords(line, 0, true), 'Written as \u2068أحمد\u2069, and not sent.');
});

test('a message that is not sent says why and until when', () => {
  const line = { refusal: null, retryAt: null };
  const limited = { code: 'rate_limited', retryable: true };
  const cases = /** @type {[any, boolean, string][]} */ ([
    [{ ...line, state: 'sending' }, true, 'Sending…'],
    [{ ...line, state: 'waiting' }, false, 'Waiting for the connection'],
    [{ ...line, state: 'waiting' }, true, 'Waiting'],
    [{ state: 'waiting', refusal: limited, retryAt: 2_500 }, true, 'A bit fast: goes out in 3\u00a0s'],
    [{ state: 'waiting', refusal: { ...limited, code: 'storage_full' }, retryAt: 2_500 }, true, 'Trying again in 3\u00a0s'],
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
