/** The list of messages without a screen: which rows are shown, what is new, who came, what an address names. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { hashOf, seqOf } from '../../static/js/page/messages/message-hash.js';
import { joinsPieces } from '../../static/js/page/people/joins-words.js';
import { JoinsAndLeaves, withJoins } from '../../static/js/page/people/joins.js';
import { Divider } from '../../static/js/page/reading/divider.js';
import { copiedText } from '../../static/js/page/timeline/copied.js';
import { RowWindow } from '../../static/js/page/timeline/row-window.js';

const MOST = 300;
const [ANA, BEN, BO, CY, DI] = ['Ana', 'Ben', 'Bo', 'Cy', 'Di'].map((name) => ({ id: `u_${name}`, name }));

/** @param {number | null} seq @returns {any} */
const message = (seq, isMine = false) => ({ kind: 'message', key: `m${seq}`, seq, isMine });

test('a short list is shown whole, of a long one the end', () => {
  const shown = new RowWindow();
  shown.toEnd(40);
  assert.deepEqual([shown.start, shown.end, shown.reachesEnd], [0, 40, true]);
  shown.toEnd(10_000);
  assert.equal(shown.end, 10_000);
  assert.ok(shown.end - shown.start <= MOST);
});

test('however one scrolls, what is on the screen is shown, with more on either side where there is more', () => {
  const [length, screen] = [2_000, 40];
  const shown = new RowWindow();
  shown.toEnd(length);
  const tops = [...Array.from({ length: 196 }, (_, n) => length - screen - n * 10), ...Array.from({ length: 196 }, (_, n) => n * 10)];
  for (const top of tops) {
    shown.follow(top, top + screen - 1);
    assert.ok(shown.start <= Math.max(0, top - 40), `above ${top} from ${shown.start}`);
    assert.ok(shown.end >= Math.min(length, top + screen + 40), `below ${top} to ${shown.end}`);
    assert.ok(shown.end - shown.start <= MOST);
  }
});

test('in the middle of what is shown, scrolling changes nothing', () => {
  const shown = new RowWindow();
  shown.around(500, 2_000);
  assert.equal(shown.follow(490, 520), false);
  assert.equal(shown.follow(420, 450), true);
});

test('when rows come above, the same ones are shown', () => {
  const shown = new RowWindow();
  shown.around(500, 1_000);
  const before = shown.start;
  shown.shift(100, 1_100);
  assert.equal(shown.start, before + 100);
  shown.shift(-5_000, 50);
  assert.deepEqual([shown.start, shown.end], [0, 50]);
});

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

/** @param {{joined?: any[], left?: any[], renamed?: any[], last: number}[]} moves */
function joinsAfter(moves) {
  const joins = new JoinsAndLeaves();
  for (const { joined = [], left = [], renamed = [], last } of moves) joins.note({ joined, left, renamed }, { stream: 's1', last }, last * 1_000);
  return joins;
}

test('all who come and go between two messages are one line', () => {
  const { entries } = joinsAfter([{ joined: [ANA], last: 5 }, { joined: [BEN], left: [BO], last: 5 }, { left: [BEN], last: 6 }]);
  assert.deepEqual(entries.map(({ after, joined, left }) => [after, joined, left]), [[5, [ANA, BEN], [BO]], [6, [], [BEN]]]);
});

test('who comes and goes between the same two messages is not told of', () => {
  assert.deepEqual(joinsAfter([{ joined: [ANA], last: 5 }, { left: [ANA], last: 5 }]).entries, []);
  const { entries } = joinsAfter([{ left: [BO], last: 5 }, { joined: [BO, CY], last: 5 }]);
  assert.deepEqual(entries.map(({ joined, left }) => [joined, left]), [[[CY], []]]);
});

test('several new names of one between two messages are told as one, and none when it is the old one again', () => {
  const renamed = (/** @type {string} */ from, /** @type {string} */ to) => [{ from, user: { ...BEN, name: to } }];
  const told = (/** @type {string[]} */ ...names) =>
    joinsAfter(names.slice(1).map((to, index) => ({ renamed: renamed(names[index], to), last: 5 }))).entries.map((entry) => entry.renamed);
  assert.deepEqual(told('Ben', 'Benno'), [renamed('Ben', 'Benno')]);
  assert.deepEqual(told('Ben', 'Benno', 'Benjamin'), [renamed('Ben', 'Benjamin')]);
  assert.deepEqual(told('Ben', 'Benno', 'Ben'), []);
});

test('joins and leaves expire, and are forgotten with their log', () => {
  const joins = joinsAfter([{ joined: [ANA], last: 5 }, { joined: [BEN], last: 6 }]);
  const before = joins.entries;
  joins.expire(4_999);
  assert.equal(joins.entries, before);
  joins.expire(5_000);
  assert.deepEqual(joins.entries.map(({ after }) => after), [6]);
  joins.note({ joined: [CY], left: [], renamed: [] }, { stream: 's2', last: 1 }, 9_000);
  assert.deepEqual(joins.entries.map(({ after }) => after), [1]);
});

test('joins and leaves stand between the messages they happened between', () => {
  const { entries } = joinsAfter([{ joined: [ANA], last: 1 }, { joined: [BEN], last: 9 }, { joined: [CY], last: 12 }]);
  const lines = /** @type {any[]} */ ([{ kind: 'floor' }, message(1), message(3), { kind: 'gap', from: 4, to: 8 }, message(9), message(12), message(null, true)]);
  const shape = withJoins(lines, entries).map((line) => (line.kind === 'message' ? line.seq : line.kind === 'joins' ? line.joined[0].name : line.kind));
  assert.deepEqual(shape, ['floor', 1, 'Ana', 3, 'gap', 9, 'Ben', 12, 'Cy', null]);
  assert.equal(withJoins(lines, []), lines);
});

test('they are of the newest log, below the divider of one that is gone', () => {
  const { entries } = joinsAfter([{ joined: [ANA], last: 1 }]);
  const lines = /** @type {any[]} */ ([message(500), { kind: 'restart' }, message(1), message(2)]);
  assert.deepEqual(withJoins(lines, entries).map((line) => line.kind), ['message', 'restart', 'message', 'joins', 'message']);
});

/** @param {any[]} joined @param {any[]} left @param {any[]} [renamed] */
const words = (joined, left, renamed = []) => joinsPieces({ joined, left, renamed }, 'en-GB').map((piece) => piece.text).join('');

test('joins and leaves are said in one short sentence, in which names stand apart', () => {
  assert.equal(words([ANA], []), 'Ana joined');
  assert.equal(words([ANA, BEN, CY], []), 'Ana, Ben and Cy joined');
  assert.equal(words([ANA, BEN, CY, DI], [BO]), 'Ana and 3 others joined, Bo left');
  assert.equal(words([], [BO, CY]), 'Bo and Cy left');
  assert.equal(words([], [BO], [{ from: 'Ben', user: { ...BEN, name: 'Benno' } }]), 'Bo left, Ben is now Benno');
  const renamed = [{ from: 'Cy', user: { ...CY, name: 'Cyril' } }];
  const names = joinsPieces({ joined: [ANA, BEN], left: [BO], renamed }, 'en-GB').filter((piece) => piece.isName);
  assert.deepEqual(names.map((piece) => piece.text), ['Ana', 'Ben', 'Bo', 'Cy', 'Cyril']);
});

test('an address names a message by its seq, and by nothing else', () => {
  assert.equal(hashOf(1234), '#s1234');
  assert.deepEqual(['#s1234', '#s1', '#s0', '#s', '#s-1', '#s12x', 's12', '', '#s99999999999999999'].map(seqOf), [1234, 1, null, null, null, null, null, null, null]);
});

test('what is copied of one person are the texts, of several who said what and when', () => {
  const timeOf = (/** @type {number} */ ts) => `10:${ts}`;
  const said = (/** @type {string} */ author, /** @type {number} */ ts, /** @type {string} */ text) => ({ author, ts, text });
  assert.equal(copiedText([said('Ben', 58, 'one'), said('Ben', 59, '  two\nlines')], timeOf), 'one\n  two\nlines');
  assert.equal(copiedText([said('Ben', 58, 'one'), said('Ana', 59, 'two'), said('Ben', 59, 'three')], timeOf), 'Ben 10:58: one\nAna 10:59: two\nBen 10:59: three');
});
