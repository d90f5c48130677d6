/** Which rows are in the document: a stretch of the list, around what is on the screen. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { RowWindow } from '../../static/js/page/timeline/row-window.js';

/** What is on the screen: ten rows. @param {number} first */
const screenAt = (first) => /** @type {const} */ ([first, first + 9]);

/** @param {RowWindow} rows @param {readonly [number, number]} screen */
function newOnesAt(rows, screen) {
  const { start, end } = rows;
  rows.follow(...screen);
  return Math.max(0, start - rows.start) + Math.max(0, rows.end - end);
}

/** As long as some come, as with each frame. @param {RowWindow} rows @param {readonly [number, number]} screen */
function comingAt(rows, screen) {
  const came = [newOnesAt(rows, screen)];
  while (came[came.length - 1] > 0) came.push(newOnesAt(rows, screen));
  return came;
}

test('a page of older rows comes into the document bit by bit', () => {
  const rows = new RowWindow();
  rows.toEnd(400);
  rows.around(0, 400);
  rows.shift(100, 500);

  const came = comingAt(rows, screenAt(110));

  assert.ok(came.length > 2 && Math.max(...came) <= 30, String(came));
  assert.ok(rows.start <= 110 - 66, 'enough of them are around the screen');
});

test('so does the second page there is, for which the document has room', () => {
  const rows = new RowWindow();
  rows.toEnd(100);
  rows.shift(100, 200);

  assert.deepEqual([rows.start, rows.end], [100, 200]);
  assert.ok(Math.max(...comingAt(rows, screenAt(110))) <= 30);
});

test('who scrolls quickly sees no more come with a frame than go by', () => {
  const rows = new RowWindow();
  rows.around(5_000, 10_000);

  const came = Array.from({ length: 100 }, (_, frame) => newOnesAt(rows, screenAt(5_000 - 20 * (frame + 1))));

  assert.ok(Math.max(...came) <= 22, String(came));
  assert.ok(rows.start <= 3_000 - 30);
});

test('what is on the screen is in the document, wherever one has come', () => {
  const rows = new RowWindow();
  rows.toEnd(10_000);

  rows.follow(...screenAt(5_000));

  assert.ok(rows.start < 5_000 && rows.end > 5_009);
});
