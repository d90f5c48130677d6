/** What was written here and not sent: counted where one would lose it, and forgotten as a whole. */

import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';

import { unsentWords } from '../../static/js/page/identity/unsent-words.js';
import { EditDraft } from '../../static/js/page/storage/edit-draft.js';
import { forgetAll, unsent } from '../../static/js/page/storage/unsent.js';
import { storageOf } from './browser-storage.js';

const browser = /** @type {any} */ (globalThis);
const EDIT = { of: 7, ts: 1_000, base: 7, before: 'teh cat', text: 'the cat' };

beforeEach(() => {
  browser.localStorage = storageOf();
  browser.sessionStorage = storageOf();
  browser.window = new EventTarget();
});

/** @param {string} key @param {object} value */
function put(key, value, store = browser.localStorage) {
  store.setItem(`draft:${key}`, JSON.stringify({ at: 1, ...value }));
}

test('what one has begun counts as a draft, in any room and tab, and what is elsewhere or as it was does not', async () => {
  put('a/garden', { text: 'a thought' });
  put('b/garden', { text: 'another' });
  put('a/kitchen', { text: 'where storage is full' }, browser.sessionStorage);
  put('c/garden', { isTaken: true });
  new EditDraft('garden').keep(EDIT);
  new EditDraft('kitchen').keep({ ...EDIT, text: EDIT.before });
  browser.localStorage.setItem('draft:broken', '{');
  browser.localStorage.setItem('setting:theme', 'dark');
  assert.deepEqual(await unsent(), { messages: 0, drafts: 4, files: 0 });
});

test('files that were chosen count one by one', async () => {
  put('files/a/garden', { keys: ['one', 'two'] });
  put('files/b/kitchen', { keys: ['three'] });
  assert.deepEqual(await unsent(), { messages: 0, drafts: 0, files: 3 });
});

test('without storage nothing waits in it', async () => {
  for (const name of ['localStorage', 'sessionStorage']) Object.defineProperty(browser, name, { configurable: true, get: () => assert.fail('switched off') });
  assert.deepEqual(await unsent(), { messages: 0, drafts: 0, files: 0 });
  for (const name of ['localStorage', 'sessionStorage']) Object.defineProperty(browser, name, { configurable: true, writable: true, value: storageOf() });
});

test('nothing of it is left when it is forgotten', async () => {
  put('a/garden', { text: 'a thought' });
  put('files/a/garden', { keys: ['one'] });
  new EditDraft('garden').keep(EDIT);
  await forgetAll();
  assert.deepEqual([...Object.keys(browser.localStorage), ...Object.keys(browser.sessionStorage)], []);
});

test('it is said as one sentence, of what there is', () => {
  const cases = /** @type {[[number, number, number], string][]} */ ([
    [[0, 0, 0], ''],
    [[1, 0, 0], '1 message is not sent yet.'],
    [[2, 0, 0], '2 messages are not sent yet.'],
    [[0, 1, 0], '1 draft is not sent yet.'],
    [[0, 0, 1], '1 chosen file is not sent yet.'],
    [[0, 1, 1], '1 draft and 1 chosen file are not sent yet.'],
    [[2, 1, 3], '2 messages, 1 draft and 3 chosen files are not sent yet.'],
  ]);
  for (const [[messages, drafts, files], words] of cases) assert.equal(unsentWords({ messages, drafts, files }, 'de'), words);
});
