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

test('a page of older rows comes into the document bit by bit', () => {
  const rows = new RowWindow();
  rows.toEnd(400);
  rows.around(0, 400);
  rows.shift(100, 500);

  const came = [newOnesAt(rows, screenAt(110)), newOnesAt(rows, screenAt(110))];

  assert.ok(came[0] > 0 && came[1] > 0);
  assert.ok(Math.max(...came) <= 40);
  assert.equal(newOnesAt(rows, screenAt(110)), 0, 'then enough of them are around the screen');
  assert.ok(rows.start <= 110 - 66);
});

test('what is on the screen is in the document, wherever one has come', () => {
  const rows = new RowWindow();
  rows.toEnd(10_000);

  rows.follow(...screenAt(5_000));

  assert.ok(rows.start < 5_000 && rows.end > 5_009);
});
