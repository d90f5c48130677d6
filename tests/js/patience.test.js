/** Storage that never answers is as good as none: nothing waits for it for ever, and it may come back. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { PATIENCE_MS, Patience, Unanswered } from '../../static/js/page/browser/patience.js';
import { FakeTime, settled } from './fake-time.js';

const never = () => /** @type {Promise<any>} */ (new Promise(() => {}));

/** @param {Promise<any>} promise */
function fateOf(promise) {
  const fate = { is: 'open' };
  promise.then((value) => (fate.is = value), (error) => (fate.is = error instanceof Unanswered ? 'unanswered' : error.message));
  return fate;
}

test('an answer is handed on, and so is a refusal', async () => {
  const patience = new Patience(new FakeTime().timers);
  assert.equal(await patience.wait(Promise.resolve('stored')), 'stored');
  await assert.rejects(patience.wait(Promise.reject(new Error('full'))), /full/);
});

test('what does not answer is given up after two seconds', async () => {
  const time = new FakeTime();
  const fate = fateOf(new Patience(time.timers).wait(never()));
  await time.pass(PATIENCE_MS - 1);
  assert.equal(fate.is, 'open');
  await time.pass(1);
  assert.equal(fate.is, 'unanswered');
});

test('the two seconds are lost once, not with every message', async () => {
  const time = new FakeTime();
  const patience = new Patience(time.timers);
  fateOf(patience.wait(never()));
  await time.pass(PATIENCE_MS);
  const next = fateOf(patience.wait(never()));
  await settled();
  assert.equal(next.is, 'unanswered');
});

test('when it answers after all, it is waited for again', async () => {
  const time = new FakeTime();
  const patience = new Patience(time.timers);
  let answer = (/** @type {string} */ _) => {};
  fateOf(patience.wait(new Promise((resolve) => (answer = resolve))));
  await time.pass(PATIENCE_MS);
  answer('late');
  await settled();
  assert.equal(await patience.wait(Promise.resolve('in time')), 'in time');
});
