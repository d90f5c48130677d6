/** Days between messages, and one author's run under one head. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { layoutRows } from '../../static/js/page/timeline/layout-rows.js';

const ANA = { id: 'u_ana', name: 'Ana' };
const BEN = { id: 'u_ben', name: 'Ben' };
const MINUTE = 60_000;
const DAY = 1_440 * MINUTE;

/** @param {number} ts @param {{id: string, name: string}} author @returns {any} */
const message = (ts, author = ANA) => ({ kind: 'message', key: `m${ts}${author.id}`, ts, author, seq: ts, isDeleted: false });
/** @param {number} ts */
const deleted = (ts, author = ANA) => ({ ...message(ts, author), isDeleted: true });

/** @param {any[]} lines */
const shape = (lines) => layoutRows(lines, (ts) => String(Math.floor(ts / DAY) + 100)).map((row) => (row.kind === 'message' ? (row.isFirst ? 'first' : 'next') : row.kind));

test('messages of one author within five minutes are one group', () => {
  assert.deepEqual(shape([message(0), message(MINUTE), message(6 * MINUTE - 1), message(11 * MINUTE)]), ['day', 'first', 'next', 'next', 'first']);
});

test('within a group the minute is told where it is another one than above', () => {
  const rows = layoutRows([0, 59_999, MINUTE, MINUTE + 1, 3 * MINUTE].map((ts) => message(ts)), () => '1');
  assert.deepEqual(rows.map((row) => row.kind === 'message' && row.isNewMinute), [false, true, false, true, false, true]);
});

test('another author, or another name of the same one, starts a group', () => {
  assert.deepEqual(shape([message(0), message(1, BEN), message(2), message(3, { ...ANA, name: 'Anna' })]), ['day', 'first', 'first', 'first', 'first']);
});

test('a new day gets its separator, and starts a group', () => {
  assert.deepEqual(shape([message(DAY - 1), message(DAY), message(DAY + 1)]), ['day', 'first', 'day', 'first', 'next']);
});

test('a clock that runs behind makes no day twice', () => {
  assert.deepEqual(shape([message(DAY), message(DAY - MINUTE, BEN)]), ['day', 'first', 'first']);
});

test('a gap, the floor and the divider break a group', () => {
  const gap = { kind: 'gap', key: 'g', from: 2, to: 5 };
  assert.deepEqual(shape([message(0), gap, message(1)]), ['day', 'first', 'gap', 'first']);
});

test('what is new has a divider above it, and starts a group; never above a message of one’s own', () => {
  const lines = [1, 2, 3, 4].map((n) => ({ ...message(n), seq: n, isMine: n === 3 }));
  const withDivider = (/** @type {number} */ from) => layoutRows(lines, () => '1', from).map((row) => (row.kind === 'message' ? row.line.seq : row.kind));
  assert.deepEqual(withDivider(2), ['day', 1, 'new', 2, 3, 4]);
  assert.deepEqual(withDivider(3), ['day', 1, 2, 3, 'new', 4]);
  assert.deepEqual(withDivider(5), ['day', 1, 2, 3, 4]);
  assert.deepEqual(layoutRows(lines, () => '1', 2).map((row) => row.kind === 'message' && row.isFirst), [false, true, false, true, false, false]);
});

test('joins and leaves break a group, and stand below their day if anything is said in it', () => {
  const joins = (/** @type {number} */ ts) => ({ kind: 'joins', key: `j${ts}`, ts, joined: [], left: [] });
  assert.deepEqual(shape([joins(0), message(1), joins(2), message(3), joins(DAY), message(DAY + 1)]), [
    'day', 'joins', 'first', 'joins', 'first', 'day', 'joins', 'first',
  ]);
  assert.deepEqual(shape([joins(0), message(DAY)]), ['joins', 'day', 'first']);
  assert.deepEqual(shape([joins(0)]), ['joins']);
});

test('messages that were deleted one after the other are one line, whoever wrote them, and end a group', () => {
  assert.deepEqual(shape([message(0), deleted(1), deleted(2, BEN), message(3), deleted(4)]), ['day', 'first', 'deleted', 'first', 'deleted']);
  const rows = layoutRows([deleted(1), deleted(2, BEN)], () => '1');
  assert.deepEqual(rows.at(-1), { kind: 'deleted', key: 'deleted:m1u_ana', seqs: [1, 2] });
});

test('what is new does not begin with what was deleted', () => {
  const lines = [message(1), deleted(2, BEN), message(3, BEN)].map((line) => ({ ...line, isMine: line.author === ANA }));
  assert.deepEqual(layoutRows(lines, () => '1', 2).map((row) => row.kind), ['day', 'message', 'deleted', 'new', 'message']);
});
