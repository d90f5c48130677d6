/** Times, lengths and sentences. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { shortened } from '../../static/js/page/text/shortened.js';
import { counterOf, lengthOf, writtenOf } from '../../static/js/page/text/text-length.js';
import { Times, spanInWords } from '../../static/js/page/text/times.js';

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

const MINUTE = 60_000;

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

test('a time within a sentence is of its language, with the hours that the reader counts', () => {
  const noon = Date.parse('2026-03-10T13:07:00Z');
  const inWords = (/** @type {string} */ locale) => new Times({ locale, timeZone: 'UTC' }).inWords(noon).replaceAll(/\s/g, ' ');
  assert.deepEqual(['de', 'ja', 'en-GB', 'en-US', 'ar-EG', 'ko'].map(inWords), ['13:07', '13:07', '13:07', '1:07 PM', '1:07 pm', '1:07 pm']);
  assert.match(new Times({ locale: 'ar-EG', timeZone: 'UTC' }).time(noon), /[٠-٩]/); // alone it is the reader’s
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
  const before = process.cpuUsage(); // of which other programs take nothing
  for (const sign of [' ', '\n', ' \n', '\u3000']) for (let n = 0; n < 10; n += 1) writtenOf(`${sign.repeat(4_000)}x`);
  assert.ok(process.cpuUsage(before).user < 500_000);
});
