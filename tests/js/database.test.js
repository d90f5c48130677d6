/** A database of the browser that hangs, wherever: it is waited for two seconds, and what comes late is not lost. */

import assert from 'node:assert/strict';
import { beforeEach, mock, test } from 'node:test';

import { TIMEOUT_MS, TimedOut, orLate } from '../../static/js/page/browser/circuit-breaker.js';
import { Database, done } from '../../static/js/page/storage/database.js';
import { settled } from './fake-time.js';

const browser = /** @type {any} */ (globalThis);
/** What was opened and has not answered. @type {any[]} */
let opening;

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ['setTimeout'] });
  opening = [];
  browser.indexedDB = { open: () => asked(opening) };
});

/** @param {any[]} requests */
function asked(requests) {
  const request = Object.assign(new EventTarget(), { result: null, error: null });
  requests.push(request);
  return request;
}

/** @param {any} request @param {any} [result] */
function answer(request, result) {
  request.result = result;
  request.dispatchEvent(new Event('success'));
}

/** Of one store, whose questions the test answers. */
function smallDatabase() {
  const questions = /** @type {any[]} */ ([]);
  const store = { count: () => asked(questions) };
  const database = Object.assign(new EventTarget(), { isClosed: false, close: () => (database.isClosed = true), transaction: () => ({ objectStore: () => store }) });
  return { database, questions };
}

/** @param {Promise<any>} promise */
function outcomeOf(promise) {
  const outcome = { is: 'open' };
  promise.then((value) => (outcome.is = value), (error) => (outcome.is = error instanceof TimedOut ? 'unanswered' : error.message));
  return outcome;
}

/** @param {Database} database @param {number} [bytes] */
const count = (database, bytes) => database.use('readonly', (store) => done(store.count()), bytes);
const made = () => new Database({ name: 'small', store: 'all', make: () => {} });

test('one that is never opened is given up, and what comes late comes to who keeps nobody waiting', async () => {
  const small = made();
  const [inTime, whenever] = [outcomeOf(count(small)), outcomeOf(orLate(count(small)))];
  mock.timers.tick(TIMEOUT_MS);
  await settled();
  assert.deepEqual([inTime.is, whenever.is, opening.length], ['unanswered', 'open', 1]);

  const { database, questions } = smallDatabase();
  answer(opening[0], database);
  await settled();
  for (const question of questions) answer(question, 3);
  await settled();
  assert.deepEqual([inTime.is, whenever.is], ['unanswered', 3]);
});

test('a question that is never answered is given up, and one with much to write later', async () => {
  const small = made();
  const [first, second] = [outcomeOf(count(small)), outcomeOf(count(small, 3_000_000))];
  answer(opening[0], smallDatabase().database);
  await settled();
  mock.timers.tick(TIMEOUT_MS);
  await settled();
  assert.deepEqual([first.is, second.is], ['unanswered', 'open']);
  mock.timers.tick(3_000);
  await settled();
  assert.equal(second.is, 'unanswered');
});

test('it is opened once, anew where that failed, and makes way for who removes it', async () => {
  const small = made();
  const refused = outcomeOf(count(small));
  opening[0].error = new Error('no room');
  opening[0].dispatchEvent(new Event('error'));
  await settled();
  assert.equal(refused.is, 'no room');

  const { database } = smallDatabase();
  const answers = [count(small), count(small)].map(outcomeOf);
  answer(opening[1], database);
  await settled();
  assert.deepEqual([opening.length, answers.length], [2, 2]);
  database.dispatchEvent(new Event('versionchange'));
  assert.ok(database.isClosed);
  outcomeOf(count(small));
  await settled();
  assert.equal(opening.length, 3);
});
