/** Names: which one may have, and whose a taken one is. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { herePieces } from '../../static/js/page/identity/name-dialog.js';
import { nameProblem } from '../../static/js/page/identity/name-problem.js';
import { leadOf } from '../../static/js/page/identity/own-name.js';

const MINUTE = 60_000;

test('whose a taken name is: of somebody who is here, or who wrote under it a while ago', () => {
  assert.equal(leadOf({ suggestion: 'Ben 2' }, 'Ben', 0), 'How about “Ben 2”?');
  assert.equal(leadOf({}, 'Ben', 0), 'Please choose another one.');
  assert.equal(leadOf({ suggestion: 'Ben 2', wrote_at: 1_000 }, 'Ben', 1_000 + 40 * MINUTE), '“Ben” wrote here 40 minutes ago. How about “Ben 2”?');
  assert.equal(leadOf({ wrote_at: 5_000 }, 'Ben', 1_000), '“Ben” wrote here 1 second ago. Please choose another one.');
});

test('a name that is too long is told by how much before the server has to', () => {
  assert.deepEqual(['Ana', 'é'.repeat(32), 'e\u0301'.repeat(32)].map(nameProblem), ['', '', '']);
  assert.equal(nameProblem(''), 'Please type a name.');
  assert.equal(nameProblem('x'.repeat(59)), 'A name has at most 32 characters. This one has 59.');
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
