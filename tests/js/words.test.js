/** What the page says: times, lengths, names, and the connection line. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { choosing, pathOf } from '../../static/js/page/browser/place.js';
import { connectionLine } from '../../static/js/page/header/connection-words.js';
import { herePieces } from '../../static/js/page/identity/name-dialog.js';
import { nameProblem } from '../../static/js/page/identity/name-problem.js';
import { leadOf } from '../../static/js/page/identity/own-name.js';
import { forOthers, isOnlyHere, readable, whatToDoWith, whoCanFollow } from '../../static/js/page/invite/shown-link.js';
import { deliveryWords } from '../../static/js/page/messages/message-row.js';
import { refusalWords } from '../../static/js/page/messages/refusal-words.js';
import { isLong } from '../../static/js/page/messages/text-height.js';
import { announcement } from '../../static/js/page/notices/announcer.js';
import { Colours, initialsOf } from '../../static/js/page/people/colour.js';
import { joinsPieces } from '../../static/js/page/people/joins-words.js';
import { typingPieces } from '../../static/js/page/people/typing-words.js';
import { titleOf, unreadCount } from '../../static/js/page/reading/unread.js';
import { messageFrom, newRoomName, roomChosen, roomFrom, roomProblem } from '../../static/js/page/rooms/room-names.js';
import { shortened } from '../../static/js/page/text/shortened.js';
import { counterOf, lengthOf, writtenOf } from '../../static/js/page/text/text-length.js';
import { Times, spanInWords } from '../../static/js/page/text/times.js';

const MINUTE = 60_000;

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

test('whose a taken name is: of somebody who is here, or who wrote under it a while ago', () => {
  assert.equal(leadOf({ suggestion: 'Ben 2' }, 'Ben', 0), 'How about “Ben 2”?');
  assert.equal(leadOf({}, 'Ben', 0), 'Please choose another one.');
  assert.equal(leadOf({ suggestion: 'Ben 2', wrote_at: 1_000 }, 'Ben', 1_000 + 40 * MINUTE), '“Ben” wrote here 40 minutes ago. How about “Ben 2”?');
  assert.equal(leadOf({ wrote_at: 5_000 }, 'Ben', 1_000), '“Ben” wrote here 1 second ago. Please choose another one.');
});

test('the initials are the first letters as a reader counts, of the first and the last word', () => {
  const names = ['ana', ' élan', '👩‍🚀 Nia', '', 'Anna-Lena', 'Ana Maria del Río', 'Ana 2', 'Bot 01', 'Bot 12', '--', '李 雷'];
  assert.deepEqual(names.map(initialsOf), ['A', 'É', '👩‍🚀N', '?', 'AL', 'AR', 'A2', 'B1', 'B2', '?', '李雷']);
});

test('days are told by the reader’s zone: today, yesterday, then the date', () => {
  const times = new Times({ locale: 'en-GB', timeZone: 'Asia/Tokyo' });
  const now = Date.parse('2026-03-10T16:00:00Z');
  assert.equal(times.dayKey(now), '2026-03-11');
  assert.deepEqual(
    ['2026-03-10T15:00:00Z', '2026-03-10T14:59:59Z', '2026-03-08T12:00:00Z', '2026-03-11T15:00:00Z'].map((at) => times.day(Date.parse(at), now)),
    ['Today', 'Yesterday', 'Sunday 8 March', 'Thursday 12 March'],
  );
  assert.match(times.time(now), /^0?1:00$/);
});

test('beside a message a time stands without its half of the day', () => {
  const [american, austrian] = ['en-US', 'de-AT'].map((locale) => new Times({ locale, timeZone: 'UTC' }));
  const noon = Date.parse('2026-03-10T12:47:59Z');
  assert.match(american.time(noon), /^12:47\sPM$/);
  assert.equal(american.shortTime(noon), '12:47');
  assert.equal(american.shortTime(Date.parse('2026-03-10T00:05:00Z')), '12:05');
  assert.equal(austrian.shortTime(noon), '12:47');
  assert.equal(new Times({ locale: 'ko-KR', timeZone: 'UTC' }).shortTime(noon), '12:47');
});

test('the retention is said in round words', () => {
  assert.deepEqual([86_400_000, 3_600_000, 90 * MINUTE, 7 * 86_400_000, 30_000, MINUTE].map(spanInWords), ['24 hours', '1 hour', '90 minutes', '7 days', '1 minute', '1 minute']);
  assert.equal(spanInWords(20_000), '20 seconds');
});

test('lengths are counted as the server counts: composed code points', () => {
  assert.deepEqual(['abc', '👩‍🚀', 'e\u0301', '\u{1F600}'].map(lengthOf), [3, 3, 1, 1]);
});

test('the counter speaks in the last tenth, and over the limit', () => {
  assert.deepEqual([3_599, 3_600, 4_000, 4_001].map((length) => counterOf('x'.repeat(length))), [
    { words: '', over: 0 }, { words: '400 left', over: 0 }, { words: '0 left', over: 0 }, { words: '1 too many', over: 1 },
  ]);
  assert.deepEqual(counterOf('\u{1F600}'.repeat(3_000)), { words: '', over: 0 });
  assert.deepEqual(counterOf('\u{1F600}'.repeat(4_000)), { words: '0 left', over: 0 });
  assert.deepEqual(counterOf('\u0958'.repeat(2_001)), { words: '2 too many', over: 2 }); // longer when composed
});

test('a text is long by its lines, broken or not, and not by the marks on its letters', () => {
  assert.deepEqual(['', 'hello', 'x'.repeat(1_800), 'a\n'.repeat(29), `h${'\u0301'.repeat(3_999)}`].map(isLong), Array(5).fill(false));
  assert.deepEqual(['x'.repeat(1_900), '\n'.repeat(31), `${'x'.repeat(900)}${'\n'.repeat(20)}`].map(isLong), Array(3).fill(true));
});

test('a name that is too long is told by how much before the server has to', () => {
  assert.deepEqual(['Ana', 'é'.repeat(32), 'e\u0301'.repeat(32)].map(nameProblem), ['', '', '']);
  assert.equal(nameProblem(''), 'Please type a name.');
  assert.equal(nameProblem('x'.repeat(59)), 'A name has at most 32 characters. This one has 59.');
});

test('a new room’s name is three parts, safe in a link', () => {
  assert.match(newRoomName(), /^[a-z]+-[a-z]+-\d{4}$/);
  assert.equal(newRoomName(() => 0), 'amber-acorn-0000');
  assert.match(newRoomName(() => 0.999999), /^witty-willow-9999$/);
});

test('a room is found by its name or by its link', () => {
  assert.equal(pathOf('a b/ü?'), '/chat/a%20b%2F%C3%BC%3F');
  assert.deepEqual(
    [' lobby ', '#lobby', 'https://chat.example.org/chat/a%20b?x=1', 'http://127.0.0.1:5000/chat/lobby', 'https://x.org/chat/%E0%A4'].map((typed) => roomFrom(typed)),
    ['lobby', 'lobby', 'a b', 'lobby', 'https://x.org/chat/%E0%A4'],
  );
});

test('a name that is typed is small, unless a room one knows is written otherwise; a link is what it is', () => {
  const known = ['Garden', 'lobby', 'LOBBY'];
  assert.deepEqual(['Lobby', 'LOBBY', 'garden', '# Kitchen', 'ÉTÉ'].map((typed) => roomFrom(typed, known)), ['lobby', 'LOBBY', 'Garden', 'kitchen', 'été']);
  assert.equal(roomFrom('https://x.org/chat/Lobby', known), 'Lobby');
});

test('a link leads to its room wherever the chat lies', () => {
  assert.deepEqual(
    ['https://x.org/talk/chat/lobby#s7', 'https://x.org/chat/chat/lobby', 'https://x.org/chat/chat', 'https://x.org/a/b/chat/c?x=/chat/d'].map((typed) => roomFrom(typed)),
    ['lobby', 'lobby', 'chat', 'c'],
  );
  assert.equal(messageFrom('https://x.org/talk/chat/lobby#s7'), '#s7');
  assert.equal(roomFrom('https://x.org?x=/chat/d'), 'https://x.org?x=/chat/d');
});

test('a room that was not entered is what one chooses next, unless it is none', () => {
  for (const room of ['lobby', 'a b+c', 'é?&=#%2F', 'שלום']) assert.equal(roomChosen(choosing(room).slice(1)), room);
  for (const search of ['', '?room=', '?room=a%2Fb', '?room=..', `?room=${'x'.repeat(65)}`, '?other=x']) assert.equal(roomChosen(search), '');
});

test('a link is shown in letters of any script, and nothing else of it is decoded', () => {
  const at = 'http://chat.example/chat/';
  assert.equal(readable(`${at}caf%C3%A9-%D7%A9%D7%9C%D7%95%D7%9D-%E8%8A%B1-%F0%9F%8C%BB`), `${at}café-שלום-花-🌻`);
  for (const kept of ['%D7%A9%20%D7%9C', '%D7%A9%2F']) assert.equal(readable(at + kept), at + kept);
  // What parts an address, what is not seen or turns a line around, and what is no text.
  for (const kept of ['%2F', '%3F%23%26%25', '%20', '%E2%80%AE', '%E2%80%8B', '%E2%81%A6', '%C2%AD', '%E3%85%A4', '%00', '%FF', '%E2%88%95']) {
    assert.equal(readable(`${at}a${kept}b`), `${at}a${kept}b`, kept);
  }
});

test('an address of this computer alone is known as one', () => {
  for (const host of ['localhost:8000', 'chat.localhost', '127.0.0.1:8000', '127.1.2.3', '[::1]:80']) assert.ok(isOnlyHere(`http://${host}/chat/a`), host);
  for (const host of ['chat.example', '192.168.1.7:8000', 'localhost.example', '127.0.0.1.example', '[fe80::1]']) assert.ok(!isOnlyHere(`http://${host}/chat/a`), host);
});

test('the link to hand on is one that others can follow', () => {
  const here = 'http://127.0.0.1:8000/chat/caf%C3%A9';
  assert.equal(forOthers(here, 'http://192.168.1.5:8000'), 'http://192.168.1.5:8000/chat/caf%C3%A9');
  assert.equal(forOthers(here, 'https://chat.example/talk'), 'https://chat.example/talk/chat/caf%C3%A9');
  assert.equal(forOthers(here), here);
  assert.equal(forOthers('https://chat.example/chat/a', 'http://192.168.1.5:8000'), 'https://chat.example/chat/a');
});

test('who can follow a link is said: anybody, those of one network, or nobody else', () => {
  const inNetwork = ['192.168.1.7:8000', '10.1.2.3', '172.16.0.1', '172.31.9.9:80', '169.254.1.1', '[fd00::1]:8000', '[fe80::1]', 'raspberry:8000', 'chat.local', 'chat.home.arpa'];
  const anywhere = ['chat.example', '172.32.0.1', '11.1.2.3', '100.10.1.2', '[2001:db8::1]', '10.example', 'local.example'];
  for (const host of inNetwork) assert.equal(whatToDoWith(`http://${host}/chat/a`), 'Send this link to the people in your network.', host);
  for (const host of anywhere) assert.equal(whatToDoWith(`http://${host}/chat/a`), 'Send this link to the people you want here.', host);
  assert.match(whatToDoWith('http://localhost:8000/chat/a'), /only on this computer.*HOST=0\.0\.0\.0/);
  assert.match(whoCanFollow('http://localhost:8000/chat/a'), /only on this computer/);
  assert.match(whoCanFollow('http://10.0.0.2/chat/a'), /^Anybody in your network who has this link/);
  assert.match(whoCanFollow('http://chat.example/chat/a'), /^Anybody who has this link/);
});

test('who is in a room is told by name, of many by some', () => {
  const here = (/** @type {string[]} */ names, count = names.length) => herePieces({ names, count }, 'en-GB');
  const said = (/** @type {string[]} */ names, count = names.length) => here(names, count).map((piece) => piece.text).join('');
  assert.equal(said([]), 'Nobody is here right now.');
  assert.equal(said(['Ana']), 'Ana is here.');
  assert.equal(said(['Ana', 'Ben']), 'Ana and Ben are here.');
  assert.equal(said(['Ana', 'Ben', 'Cy']), 'Ana, Ben and Cy are here.');
  assert.equal(said(['Ana', 'Ben', 'Cy'], 4), 'Ana, Ben and 2 others are here.');
  assert.equal(said(['Ana', 'Ben', 'Cy'], 99), 'Ana, Ben and 97 others are here.');
  assert.equal(said(['Ana', 'Ben', 'Cy'], 100), 'Ana, Ben and many others are here.');
  assert.deepEqual(here(['Ana', 'Ben', 'Cy'], 9).filter((piece) => piece.isName).map((piece) => piece.text), ['Ana', 'Ben']);
  assert.deepEqual(here(['7 others', 'Ben']).filter((piece) => piece.isName).length, 2);
});

test('a link to a message leads to it, and nothing else of its hash is kept', () => {
  assert.equal(messageFrom(' https://chat.example/chat/big-room#s120 '), '#s120');
  assert.equal(messageFrom('https://chat.example/chat/big-room?x=1#s120'), '#s120');
  for (const none of ['https://chat.example/chat/a', 'https://chat.example/chat/a#', 'https://chat.example/chat/a#s0', 'https://chat.example/chat/a#s1"x', '#s120', 'a#s120']) {
    assert.equal(messageFrom(none), '', none);
  }
});

test('a name that is no room is told why before the server has to', () => {
  assert.deepEqual(['lobby', 'é'.repeat(64), '...'].map(roomProblem), ['', '', '']);
  assert.deepEqual(['', 'a/b', '..', 'é'.repeat(65)].map(roomProblem), [
    'Please name a room.', 'A room’s name has no “/”.', 'A room’s name is more than dots.', 'A room’s name has at most 64 characters.',
  ]);
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

test('a time within a sentence is of its language, with the hours that the reader counts', () => {
  const noon = Date.parse('2026-03-10T13:07:00Z');
  const inWords = (/** @type {string} */ locale) => new Times({ locale, timeZone: 'UTC' }).inWords(noon).replaceAll(/\s/g, ' ');
  assert.deepEqual(['de', 'ja', 'en-GB', 'en-US', 'ar-EG', 'ko'].map(inWords), ['13:07', '13:07', '13:07', '1:07 PM', '1:07 pm', '1:07 pm']);
  assert.match(new Times({ locale: 'ar-EG', timeZone: 'UTC' }).time(noon), /[٠-٩]/); // alone it is the reader’s
});

test('names of any direction stand apart from the words around them', () => {
  const isName = (/** @type {import('../../static/js/page/text/language.js').Piece[]} */ pieces) => pieces.filter((piece) => piece.isName).map(({ text }) => text);
  assert.deepEqual(isName(typingPieces(['أحمد', 'Ana'].map((name) => ({ name })))), ['أحمد', 'Ana']);
  assert.deepEqual(isName(announcement([{ author: 'أحمد', content: 'hello' }])), ['أحمد']);
  const line = /** @type {any} */ ({ refusal: null, retryAt: null, state: 'paused', author: { id: 'u_1', name: 'أحمد' } });
  assert.equal(deliveryWords(line, 0, true), 'Written as \u2068أحمد\u2069, and not sent.');
});

test('a text is cut between what a reader takes for characters, and says so', () => {
  const cut = (/** @type {string} */ text) => shortened(text, 200);
  assert.equal(cut('x'.repeat(200)), 'x'.repeat(200));
  assert.equal(cut(`${'x'.repeat(199)}😀`), `${'x'.repeat(199)}😀`);
  assert.equal(cut(`${'x'.repeat(199)}😀y`), `${'x'.repeat(199)}😀…`);
  assert.equal(cut(`${'x'.repeat(200)}😀`), `${'x'.repeat(200)}…`);
  assert.equal(cut(`${'x'.repeat(199)}👩‍👩‍👧y`), `${'x'.repeat(199)}👩‍👩‍👧…`);
  assert.equal(cut(`${'x'.repeat(199)}e\u0301y`), `${'x'.repeat(199)}e\u0301…`);
  assert.equal(cut(`${'x'.repeat(199)}\r\ny`), `${'x'.repeat(199)}…`);
  assert.equal(cut('\u{1F600}'.repeat(4_000)), `${'\u{1F600}'.repeat(200)}…`);
  assert.ok(cut(`ab${'\u0301'.repeat(4_000)}`).length < 1_700); // one character, and no end of it
});

test('empty lines around a text are not sent, and its first line keeps its indentation', () => {
  assert.equal(writtenOf('    /\\_/\\\n   ( o.o )\n'), '    /\\_/\\\n   ( o.o )');
  assert.deepEqual(['\n \n  a\n\nb \n ', '\t\u3000a', '  a', 'a', ' ', '\n \n', ''].map(writtenOf), ['  a\n\nb', '\t\u3000a', '  a', 'a', '', '', '']);
  const startedAt = performance.now();
  for (const sign of [' ', '\n', ' \n', '\u3000']) for (let n = 0; n < 10; n += 1) writtenOf(`${sign.repeat(4_000)}x`);
  assert.ok(performance.now() - startedAt < 500);
});

/** @param {Partial<import('../../static/js/page/header/connection-words.js').Situation>} difference */
function lineWhen(difference) {
  const joined = /** @type {const} */ ({ state: 'joined' });
  const { state, words, action } = connectionLine({
    connection: { state: 'online' }, room: joined, catchingUp: 0, waiting: 0, wasOnline: true, hasNetwork: true, now: 0, asOf: null, ...difference,
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

test('a few new messages are read out, a flood is counted', () => {
  const message = { author: 'Ana', content: 'hello' };
  assert.equal(wordsOf(announcement([message])), 'Ana: hello');
  assert.equal(wordsOf(announcement([message, message])), 'Ana: hello\nAna: hello');
  assert.equal(wordsOf(announcement(Array(5).fill(message))), '5 new messages, the last from Ana');
});

test('unread are the messages of others beyond the cursor, and stand in the title', () => {
  const line = { kind: 'message', isMine: false };
  const lines = /** @type {any[]} */ ([{ kind: 'floor' }, { ...line, seq: 1 }, { ...line, seq: 2 }, { ...line, seq: 3, isMine: true }, { ...line, seq: null }]);
  assert.equal(unreadCount({ lines, read: 1 }), 1);
  assert.deepEqual([titleOf('lobby', 0), titleOf('lobby', 3), titleOf('lobby', 120)], ['lobby', '(3) lobby', '(99+) lobby']);
});
