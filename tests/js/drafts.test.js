/** A draft is its tab's: never lost, never said twice, and never older than what was written. */

import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';

import { RoomDraft, forgetDraftsBefore } from '../../static/js/page/storage/draft.js';
import { EditDraft } from '../../static/js/page/storage/edit-draft.js';
import { get, set } from '../../static/js/page/storage/settings.js';
import { storageOf } from './browser-storage.js';

const browser = /** @type {any} */ (globalThis);
const wanted = () => true;
/** @type {Set<string>} */
let living;

beforeEach(() => {
  living = new Set();
  browser.localStorage = storageOf();
  browser.sessionStorage = storageOf();
  browser.window = new EventTarget();
});

/** Opened, or loaded again: a living one. @param {string} device */
function open(device, room = 'garden') {
  living.add(device);
  return new RoomDraft({ room, tab: { device, living: async () => new Set(living), alone: (work) => work() } });
}

test('what is sent in another tab of the room leaves a draft alone, over a reload too', async () => {
  const a = open('a');
  a.keep('a thought');
  const b = open('b');
  assert.deepEqual([b.text, await b.takeOver(wanted)], ['', '']);
  b.keep('ok');
  b.forget();
  assert.equal(open('a').text, 'a thought');
});

test('what a closed tab has left is taken over by one other, the newest first, and only in its room', async () => {
  open('old').keep('older');
  browser.localStorage.setItem('draft:old/garden', JSON.stringify({ text: 'older', at: 1 }));
  open('gone').keep('newer');
  open('gone', 'kitchen').keep('of the kitchen');
  living.clear();
  const [a, b, c] = ['a', 'b', 'c'].map((device) => open(device));
  const taken = [await a.takeOver(wanted), await b.takeOver(wanted), await c.takeOver(wanted)];
  assert.deepEqual(taken, ['newer', 'older', '']);
  assert.equal(open('a').text, 'newer');
});

test('what one has begun meanwhile is not written over', async () => {
  open('gone').keep('left');
  living.clear();
  assert.equal(await open('a').takeOver(() => false), '');
  assert.equal(await open('b').takeOver(wanted), 'left');
});

test('a tab that only slept knows that another one has its text, until one writes there again', async () => {
  const asleep = open('asleep');
  asleep.keep('a thought');
  living.clear();
  const other = open('b');
  assert.equal(await other.takeOver(wanted), 'a thought');
  assert.deepEqual([asleep.isTaken, other.isTaken], [true, false]);
  assert.equal(await open('c').takeOver(wanted), '');
  other.forget();
  assert.ok(asleep.isTaken);
  asleep.keep('another thought');
  assert.deepEqual([asleep.isTaken, open('asleep').text], [false, 'another thought']);
});

test('where another tab never gives the turn to look, what is left waits where it is', async () => {
  open('gone').keep('left');
  living.clear();
  const tab = { device: 'a', living: async () => living, alone: () => Promise.reject(new Error('no turn')) };
  assert.equal(await new RoomDraft({ room: 'garden', tab }).takeOver(wanted), '');
  assert.equal(await open('b').takeOver(wanted), 'left');
});

test('what was kept before drafts had tabs is taken over once', async () => {
  browser.localStorage.setItem('draft:garden', JSON.stringify({ text: 'from before', at: 5 }));
  assert.equal(await open('a').takeOver(wanted), 'from before');
  assert.equal(browser.localStorage.getItem('draft:garden'), null);
  assert.equal(await open('b').takeOver(wanted), '');
});

test('in a full storage the text is kept for its tab, and never an older one', () => {
  browser.localStorage = storageOf(100);
  const draft = open('a');
  draft.keep('the old text');
  draft.keep(`the new text${'!'.repeat(100)}`);
  assert.match(open('a').text, /^the new text!/);

  browser.sessionStorage = storageOf(0);
  draft.keep('short');
  draft.keep('x'.repeat(200));
  assert.equal(open('a').text, '');
});

test('what was written last wins, whichever storage had room for it', () => {
  browser.localStorage = storageOf(100);
  const draft = open('a');
  draft.keep('x'.repeat(200));
  draft.keep('shorter');
  assert.equal(open('a').text, 'shorter');
  assert.deepEqual(Object.keys(browser.sessionStorage), []);
});

test('a choice that a full storage does not take is not the one before at the next visit', () => {
  browser.localStorage = storageOf(20);
  set('theme', 'dark');
  assert.equal(get('theme'), 'dark');
  set('theme', 'light-with-a-long-name');
  assert.equal(get('theme'), 'system');
});

test('without any storage one can write all the same', async () => {
  for (const name of ['localStorage', 'sessionStorage']) Object.defineProperty(browser, name, { configurable: true, get: () => assert.fail('switched off') });
  const draft = open('a');
  draft.keep('a thought');
  assert.deepEqual([draft.text, draft.isTaken, await draft.takeOver(wanted)], ['a thought', false, '']);
  draft.forget();
  forgetDraftsBefore(Infinity);
  for (const name of ['localStorage', 'sessionStorage']) Object.defineProperty(browser, name, { configurable: true, writable: true, value: storageOf() });
});

test('what is old is forgotten, and all of it on leaving', () => {
  browser.localStorage.setItem('draft:gone/garden', JSON.stringify({ text: 'old', at: 1_000 }));
  browser.localStorage.setItem('draft:asleep/garden', JSON.stringify({ isTaken: true, at: 1_000 }));
  open('a').keep('new');
  forgetDraftsBefore(2_000);
  assert.deepEqual(Object.keys(browser.localStorage), ['draft:a/garden']);
  forgetDraftsBefore(Infinity);
  assert.deepEqual(Object.keys(browser.localStorage), []);
});

test('a draft knows what it answers, over a reload and where another tab takes it over', async () => {
  const draft = open('a');
  draft.keep('indeed', 7);
  assert.equal(open('a').replyTo, 7);
  living.clear();
  const other = open('b');
  assert.deepEqual([await other.takeOver(wanted), other.replyTo], ['indeed', 7]);
  other.keep('indeed');
  assert.equal(open('b').replyTo, null);
});

test('what one makes of a message is kept beside the room’s draft, and never becomes it', async () => {
  const edit = { of: 7, ts: 1_000, base: 7, before: 'teh cat', text: 'the cat' };
  new EditDraft('garden').keep(edit);
  open('a').keep('a thought');
  assert.deepEqual(new EditDraft('garden').kept, edit);
  assert.equal(new EditDraft('kitchen').kept, null);
  living.clear();
  assert.deepEqual([await open('b').takeOver(wanted), await open('c').takeOver(wanted)], ['a thought', '']);
  new EditDraft('garden').forget();
  assert.equal(new EditDraft('garden').kept, null);
});

test('what one makes of a message goes when that is old, and on leaving', () => {
  const edit = { of: 7, ts: 1_000, base: 7, before: 'teh cat', text: 'the cat' };
  const edits = new EditDraft('garden');
  edits.keep(edit);
  forgetDraftsBefore(999);
  assert.deepEqual(edits.kept, edit);
  forgetDraftsBefore(1_000);
  assert.equal(edits.kept, null);
  edits.keep(edit);
  forgetDraftsBefore(Infinity);
  assert.equal(edits.kept, null);
});

test('a room knows that files of any tab wait for it, until they are as old as the draft that they go with', () => {
  browser.localStorage.setItem('draft:files/gone/garden', JSON.stringify({ at: 1 }));
  assert.deepEqual([open('a').hasFiles(), open('a', 'den').hasFiles()], [true, false]);
  forgetDraftsBefore(1);
  assert.equal(open('a').hasFiles(), false);
});
