/** Storage that never answers is as good as none: nothing waits for it for ever, and it may come back. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { TIMEOUT_MS, CircuitBreaker, TimedOut, orLate } from '../../static/js/page/browser/circuit-breaker.js';
import { FakeTime, settled } from './fake-time.js';

const never = () => /** @type {Promise<any>} */ (new Promise(() => {}));

/** @param {Promise<any>} promise */
function outcomeOf(promise) {
  const outcome = { is: 'open' };
  promise.then((value) => (outcome.is = value), (error) => (outcome.is = error instanceof TimedOut ? 'unanswered' : error.message));
  return outcome;
}

test('an answer is handed on, and so is a refusal', async () => {
  const breaker = new CircuitBreaker(new FakeTime().timers);
  assert.equal(await breaker.guard(Promise.resolve('stored')), 'stored');
  await assert.rejects(breaker.guard(Promise.reject(new Error('full'))), /full/);
});

test('what does not answer is given up after two seconds', async () => {
  const time = new FakeTime();
  const outcome = outcomeOf(new CircuitBreaker(time.timers).guard(never()));
  await time.pass(TIMEOUT_MS - 1);
  assert.equal(outcome.is, 'open');
  await time.pass(1);
  assert.equal(outcome.is, 'unanswered');
});

test('the two seconds are lost once, not with every message', async () => {
  const time = new FakeTime();
  const breaker = new CircuitBreaker(time.timers);
  outcomeOf(breaker.guard(never()));
  await time.pass(TIMEOUT_MS);
  const next = outcomeOf(breaker.guard(never()));
  await settled();
  assert.equal(next.is, 'unanswered');
});

test('when it answers after all, it is waited for again', async () => {
  const time = new FakeTime();
  const breaker = new CircuitBreaker(time.timers);
  let answer = (/** @type {string} */ _) => {};
  outcomeOf(breaker.guard(new Promise((resolve) => (answer = resolve))));
  await time.pass(TIMEOUT_MS);
  answer('late');
  await settled();
  assert.equal(await breaker.guard(Promise.resolve('in time')), 'in time');
});

test('what has much to write is given more time', async () => {
  const time = new FakeTime();
  const outcome = outcomeOf(new CircuitBreaker(time.timers).guard(never(), 5_000));
  await time.pass(TIMEOUT_MS + 4_999);
  assert.equal(outcome.is, 'open');
  await time.pass(1);
  assert.equal(outcome.is, 'unanswered');
});

test('who keeps nobody waiting gets a late answer too, also while nothing is waited for', async () => {
  const time = new FakeTime();
  const breaker = new CircuitBreaker(time.timers);
  const answers = /** @type {((answer: string) => void)[]} */ ([]);
  const ask = () => outcomeOf(orLate(breaker.guard(new Promise((resolve) => answers.push(resolve)))));
  const first = ask();
  await time.pass(TIMEOUT_MS);
  const second = ask();
  assert.deepEqual([first.is, second.is], ['open', 'open']);
  answers[1]('second');
  answers[0]('first');
  await settled();
  assert.deepEqual([first.is, second.is], ['first', 'second']);
  await assert.rejects(orLate(breaker.guard(Promise.reject(new Error('full')))), /full/);
});
