/** The list: which rows are there, and what is copied of them. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { copiedText } from '../../static/js/page/timeline/copied.js';
import { RowWindow } from '../../static/js/page/timeline/row-window.js';

const MOST = 300;

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

test('what is copied of one person are the texts, of several who said what and when', () => {
  const timeOf = (/** @type {number} */ ts) => `10:${ts}`;
  const said = (/** @type {string} */ author, /** @type {number} */ ts, /** @type {string} */ text) => ({ author, ts, text });
  assert.equal(copiedText([said('Ben', 58, 'one'), said('Ben', 59, '  two\nlines')], timeOf), 'one\n  two\nlines');
  assert.equal(copiedText([said('Ben', 58, 'one'), said('Ana', 59, 'two'), said('Ben', 59, 'three')], timeOf), 'Ben 10:58: one\nAna 10:59: two\nBen 10:59: three');
});
