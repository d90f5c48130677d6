/** What shows nothing: the page’s rule is the server’s, by the same vectors. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { nameProblem } from '../../static/js/page/identity/name-problem.js';
import { showsNothing } from '../../static/js/page/text/text-length.js';

/** @type {{cases: {name: string, text: string, showsNothing: boolean}[]}} */
const { cases } = JSON.parse(readFileSync(new URL('../vectors/texts/sight.json', import.meta.url), 'utf8'));

for (const { name, text, showsNothing: expected } of cases) {
  test(`${name} ${expected ? 'shows nothing' : 'is seen'}`, () => {
    assert.equal(showsNothing(text), expected);
    assert.equal(nameProblem(text) === 'Please type a name.', expected);
  });
}
