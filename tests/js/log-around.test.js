/** Jumping about in a log: pages from anywhere in it, and holes that are filled from either end. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { RoomLog } from '../../static/js/chat/messages/log.js';
import { expand } from './vectors.js';

const FLOOR = 1;
const HEAD = 1_000;

/** @param {number} from @param {number} to */
const seqs = (from, to) => Array.from({ length: to - from + 1 }, (_, n) => from + n);

/** @param {number} from @param {number} to @param {number} [floor] */
function page(from, to, floor = FLOOR) {
  return { events: seqs(from, to).map(expand), from, to, stream: 's1', head: HEAD, floor, more_before: from > floor, more_after: to < HEAD };
}

/** A log of which the newest ten are here. */
function joined(floor = FLOOR) {
  const log = new RoomLog();
  log.handle({ do: 'open' });
  const ack = { room: { retention_ms: 86_400_000 }, stream: 's1', head: HEAD, floor, recovered: false, events: seqs(991, 1_000).map(expand), more: false };
  log.handle({ do: 'join_ack', ack });
  return log;
}

/** @param {RoomLog} log */
function shape(log) {
  const short = log.rows().map((row) => (row.kind === 'event' ? row.event.seq : row.kind === 'gap' ? [row.from, row.to] : row.kind));
  return short.filter((row, index) => typeof row !== 'number' || typeof short[index - 1] !== 'number' || typeof short[index + 1] !== 'number');
}

/** @param {RoomLog} log @param {number} seq @param {any} ack */
function around(log, seq, ack) {
  assert.deepEqual(log.handle({ do: 'around', seq }), [{ do: 'history', around: seq }]);
  return log.handle({ do: 'history_ack', request: { around: seq }, ack });
}

test('a page from the middle is a range of its own, with holes on both sides', () => {
  const log = joined();
  assert.deepEqual(around(log, 500, page(491, 510)), [{ do: 'show', seqs: seqs(491, 510) }]);
  assert.deepEqual(shape(log), [491, 510, [511, 990], 991, 1_000]);
  assert.deepEqual([log.start, log.oldest, log.last], ['more', 491, 1_000]);
  assert.deepEqual([log.covers(490), log.covers(491), log.covers(600)], [false, true, false]);
});

test('what is here is not asked for, nor twice what is on its way', () => {
  const log = joined();
  assert.deepEqual(log.handle({ do: 'around', seq: 995 }), []);
  log.handle({ do: 'around', seq: 500 });
  assert.equal(log.isLoadingAround(500), true);
  assert.deepEqual(log.handle({ do: 'around', seq: 500 }), []);
  log.handle({ do: 'history_failed', request: { around: 500 } });
  assert.equal(log.isLoadingAround(500), false);
});

test('a page that touches ranges becomes one with them, and brings nothing twice', () => {
  const log = joined();
  around(log, 500, page(491, 510));
  around(log, 520, page(511, 530));
  assert.deepEqual(shape(log), [491, 530, [531, 990], 991, 1_000]);
  log.handle({ do: 'around', seq: 531 });
  const [{ seqs: shown }] = /** @type {any} */ (log.handle({ do: 'history_ack', request: { around: 531 }, ack: page(521, 540) }));
  assert.deepEqual(shown, seqs(531, 540));
  around(log, 985, page(976, 995));
  assert.deepEqual(shape(log), [491, 540, [541, 975], 976, 1_000]);
  around(log, 541, page(531, 990));
  assert.deepEqual(log.rows().map((row) => row.kind === 'event' && row.event.seq), seqs(491, 1_000));
});

test('a page brings nothing from beyond the newest, which comes by itself', () => {
  const log = joined();
  const actions = around(log, 985, { ...page(981, 1_002), head: 1_002 });
  assert.deepEqual(actions, [{ do: 'show', seqs: seqs(981, 990) }]);
  assert.equal(log.last, 1_000);
  assert.deepEqual(log.handle({ do: 'event', event: expand(1_001) }), [{ do: 'show', seqs: [1_001] }]);
});

test('a page at the floor shows it, one at the beginning has nothing above', () => {
  const [old, young] = [joined(400), joined()];
  around(old, 400, page(400, 410, 400));
  assert.deepEqual(shape(old), ['floor', 400, 410, [411, 990], 991, 1_000]);
  around(young, 1, page(1, 10));
  assert.deepEqual([shape(young)[0], young.start], [1, 'beginning']);
});

test('an answer that has nothing changes nothing', () => {
  const log = joined(991);
  assert.deepEqual(around(log, 5, { events: [], from: null, to: null, stream: 's1', head: HEAD, floor: 991, more_before: false, more_after: false }), []);
  assert.deepEqual(shape(log), ['floor', 991, 1_000]);
});

test('scrolling up goes on above the oldest page', () => {
  const log = joined();
  around(log, 500, page(491, 510));
  assert.deepEqual(log.handle({ do: 'older' }), [{ do: 'history', before: 491 }]);
  log.handle({ do: 'history_ack', request: { before: 491 }, ack: page(471, 490) });
  assert.deepEqual(shape(log), [471, 510, [511, 990], 991, 1_000]);
});

test('a hole is filled from below, page by page, and then gone', () => {
  const log = joined();
  around(log, 500, page(491, 510));
  assert.deepEqual(log.handle({ do: 'fill', to: 990 }), [{ do: 'history', before: 991 }]);
  log.handle({ do: 'history_ack', request: { before: 991 }, ack: page(891, 990) });
  assert.deepEqual(shape(log), [491, 510, [511, 890], 891, 1_000]);
  log.handle({ do: 'fill', to: 890 });
  log.handle({ do: 'history_ack', request: { before: 891 }, ack: page(491, 890) });
  assert.deepEqual(shape(log), [491, 1_000]);
  assert.deepEqual(log.handle({ do: 'event', event: expand(1_001) }), [{ do: 'show', seqs: [1_001] }]);
});

test('a hole from below ends at what was removed meanwhile', () => {
  const log = joined();
  around(log, 500, page(491, 510));
  log.handle({ do: 'fill', to: 990 });
  log.handle({ do: 'history_ack', request: { before: 991 }, ack: page(981, 990, 981) });
  assert.deepEqual(shape(log), [491, 510, 'floor', 981, 1_000]);
  log.handle({ do: 'expire', now: 510_000 + 86_400_000 });
  assert.deepEqual(shape(log), ['floor', 981, 1_000]);
});

test('rows are the same array until something changes', () => {
  const log = joined();
  const before = log.rows();
  for (const input of /** @type {any[]} */ ([{ do: 'older' }, { do: 'expire', now: 0 }, { do: 'event', event: expand(999) }])) log.handle(input);
  assert.equal(log.rows(), before);
  log.handle({ do: 'event', event: expand(1_001) });
  assert.notEqual(log.rows(), before);
});

test('rows of another log have other keys, whatever their numbers', () => {
  const log = joined();
  const [{ key }] = log.rows();
  log.handle({ do: 'open' });
  const ack = { room: { retention_ms: 86_400_000 }, stream: 's2', head: HEAD, floor: 1, recovered: false, events: seqs(991, 1_000).map(expand), more: false };
  log.handle({ do: 'join_ack', ack });
  assert.notEqual(log.rows()[0].key, key);
});
