/** The others: their colours, who is typing, who came and went. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Colours, initialsOf } from '../../static/js/page/people/colour.js';
import { joinsPieces } from '../../static/js/page/people/joins-words.js';
import { JoinsAndLeaves, withJoins } from '../../static/js/page/people/joins.js';
import { typingPieces } from '../../static/js/page/people/typing-words.js';

test('as long as there are enough, nobody shares a colour, and everybody keeps theirs', () => {
  const colours = new Colours();
  const people = Array.from({ length: 30 }, (_, n) => `u_${n}`);
  const first = people.map((id) => colours.of(id));
  assert.equal(new Set(first.slice(0, 12)).size, 12);
  assert.deepEqual(people.map((id) => colours.of(id)), first);
  const holders = Array.from({ length: 12 }, (_, colour) => first.filter((one) => one === colour).length);
  assert.ok(Math.max(...holders) - Math.min(...holders) <= 1);
});

test('whoever comes first has the colour that they have on every screen', () => {
  const ofFour = (/** @type {string[]} */ ids) => {
    const colours = new Colours();
    return Object.fromEntries(ids.map((id) => [id, colours.of(id)]));
  };
  const [ana, ben, cleo, gus] = ['u_ana', 'u_ben', 'u_cleo', 'u_gus']; // none would have another's
  assert.deepEqual(ofFour([ana, ben, cleo, gus]), ofFour([gus, cleo, ben, ana]));
  const [first, second] = ['u_ana', 'u_eve']; // both would have the same
  assert.equal(new Colours().of(first), new Colours().of(second));
  const { [first]: kept, [second]: other } = ofFour([first, second]);
  assert.equal(kept, new Colours().of(first));
  assert.notEqual(other, kept);
});

test('the initials are the first letters as a reader counts, of the first and the last word', () => {
  const names = ['ana', ' élan', '👩‍🚀 Nia', '', 'Anna-Lena', 'Ana Maria del Río', 'Ana 2', 'Bot 01', 'Bot 12', '--', '李 雷'];
  assert.deepEqual(names.map(initialsOf), ['A', 'É', '👩‍🚀N', '?', 'AL', 'AR', 'A2', 'B1', 'B2', '?', '李雷']);
});

/** @param {import('../../static/js/page/text/language.js').Piece[]} pieces */
const wordsOf = (pieces) => pieces.map(({ text }) => text).join('');

test('who is typing is named up to three', () => {
  const users = ['Ana', 'Ben', 'Cy', 'Di'].map((name) => ({ name }));
  assert.deepEqual([0, 1, 2, 3, 4].map((count) => wordsOf(typingPieces(users.slice(0, count), 'en-GB'))), [
    '', 'Ana is typing…', 'Ana and Ben are typing…', 'Ana, Ben and Cy are typing…', 'Several people are typing…',
  ]);
});

test('a sentence is of one language, whatever the browser speaks', () => {
  const users = ['Ana', 'Bob'].map((name) => ({ name }));
  for (const reader of ['de', 'ja', 'ar', 'fa-IR', 'en-GB', 'en-US']) {
    assert.equal(wordsOf(typingPieces(users, reader)), 'Ana and Bob are typing…', reader);
    assert.equal(wordsOf(joinsPieces({ joined: users, left: [], renamed: [] }, reader)), 'Ana and Bob joined', reader);
  }
});

const [ANA, BEN, BO, CY, DI] = ['Ana', 'Ben', 'Bo', 'Cy', 'Di'].map((name) => ({ id: `u_${name}`, name }));

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

/** @param {number | null} seq @returns {any} */
const message = (seq, isMine = false) => ({ kind: 'message', key: `m${seq}`, seq, isMine });

test('joins and leaves stand between the messages they happened between', () => {
  const { entries } = joinsAfter([{ joined: [ANA], last: 1 }, { joined: [BEN], last: 9 }, { joined: [CY], last: 12 }]);
  const lines = /** @type {any[]} */ ([{ kind: 'floor' }, message(1), message(3), { kind: 'gap', from: 4, to: 8 }, message(9), message(12), message(null, true)]);
  const shape = withJoins(lines, entries).map((line) => (line.kind === 'message' ? line.seq : line.kind === 'joins' ? line.joined[0].name : line.kind));
  assert.deepEqual(shape, ['floor', 1, 'Ana', 3, 'gap', 9, 'Ben', 12, 'Cy', null]);
  assert.equal(withJoins(lines, []), lines);
});

test('they are of one log: among the messages of another one there are none', () => {
  const joins = joinsAfter([{ joined: [ANA], last: 1 }]);
  assert.deepEqual([joins.of('s1').length, joins.of('s2').length], [1, 0]);
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
