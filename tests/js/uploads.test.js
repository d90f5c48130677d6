/** Messages with files: on the screen at once, sent once, whatever breaks off, and gone when nobody wants them. */

import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';

import { Connection, Room, ServerClock } from '../../static/js/chat/index.js';
import { FileWork } from '../../static/js/chat/uploads/file-work.js';
import { bytesFor } from '../../static/js/page/files/elsewhere.js';
import { Source } from '../../static/js/page/files/source.js';
import { FakeTime } from './fake-time.js';
import { SmallServer } from './small-server.js';
import { SmallUploads } from './small-uploads.js';

const ANA = { id: 'u_ana', name: 'Ana' };
const CLARA = { id: 'u_clara', name: 'Clara' };

/** @type {FakeTime} */
let time;
/** @type {SmallServer} */
let server;
/** @type {SmallUploads} */
let uploads;
/** What is kept on this machine. @type {Map<string, any>} */
let drafts;
/** @type {Map<string, Blob>} */
let kept;
/** There is no room for them. */
let isFull = false;
/** What is kept does not come. */
let isSilent = false;
/** What keeps and sends them cannot be loaded. */
let isIncomplete = false;

beforeEach(() => {
  time = new FakeTime();
  server = new SmallServer(time.clock);
  uploads = new SmallUploads();
  drafts = new Map();
  kept = new Map();
  [isFull, isSilent, isIncomplete] = [false, false, false];
});

function openPage({ ids = 'a', who = ANA } = {}) {
  let count = 0;
  const { timers, clock } = time;
  const storage = {
    load: async () => [...drafts.values()],
    put: async (/** @type {string} */ _room, /** @type {any} */ draft) => void drafts.set(draft.client_id, structuredClone(draft)),
    remove: async (/** @type {string} */ _room, /** @type {string} */ clientId) => void drafts.delete(clientId),
  };
  const fileStorage = {
    keep: async (/** @type {any} */ { key, bytes }) => {
      if (isFull) throw new Error('no room');
      kept.set(key, bytes);
    },
    bytesOf: async (/** @type {string} */ key) => {
      if (isSilent) throw new Error('no answer in time');
      return kept.get(key) ?? null;
    },
    remove: async (/** @type {string[]} */ keys) => keys.forEach((key) => kept.delete(key)),
  };
  const connection = new Connection({ open: () => server.open(who), timers, clock, random: () => 0 });
  const fetchHistory = async () => ({ ok: /** @type {const} */ (true), ...server.on_history({ limit: 100 }) });
  const room = new Room({
    id: 'lobby', connection, storage, timers, clock, newId: () => `${ids}${(count += 1)}`, serverClock: new ServerClock(clock), fetchHistory,
    loadFiles: async () => {
      if (isIncomplete) throw new Error('no such file');
      return { http: uploads.http, storage: fileStorage, FileWork };
    },
  });
  room.become(who);
  return { room, connection };
}

async function joined(how = {}) {
  const page = openPage(how);
  page.connection.start();
  await settle();
  return page;
}

/** All that needs no time, but many turns. */
async function settle(ms = 0) {
  await time.pass(ms);
  await new Promise((resolve) => setImmediate(resolve));
  for (let turn = 0; turn < 20; turn += 1) await time.pass(0);
  await new Promise((resolve) => setImmediate(resolve));
  await time.pass(0);
}

/** @param {string} text @param {Partial<import('../../static/js/chat/types.js').ChosenFile>} [more] */
function chosen(text, more = {}) {
  return { bytes: new Blob([text]), name: 'note.txt', type: 'text/plain', ...more };
}

/** @param {Room} room @param {number} place */
function lineAt(room, place) {
  const line = room.lines().filter(({ kind }) => kind === 'message').at(place);
  assert.ok(line?.kind === 'message');
  return line;
}

const sent = () => server.asked.flatMap(([name, payload]) => (name === 'message' ? [payload] : []));
const created = () => uploads.asked.filter((asked) => asked.startsWith('POST')).length;

test('a file is on the screen at once with its name, and is sent when the server has all of it', async () => {
  const { room } = await joined();
  room.send('look', { files: [chosen('twelve bytes', { alt: 'a note' })] });

  const [shown] = lineAt(room, 0).body.uploads ?? [];
  assert.deepEqual([shown.key, shown.name, shown.size, shown.alt], ['a1-0', 'note.txt', 12, 'a note']);
  assert.equal(await room.files.bytes.get('a1-0')?.text(), 'twelve bytes');
  assert.deepEqual(sent(), []);
  await settle();

  const [id] = uploads.all.keys();
  assert.equal(uploads.textOf(id), 'twelve bytes');
  assert.deepEqual(sent(), [{ room: 'lobby', client_id: 'a1', content: 'look', uploads: [id] }]);
  assert.equal(uploads.all.get(id)?.metadata, `filename ${btoa('note.txt')},filetype ${btoa('text/plain')},alt ${btoa('a note')}`);
  assert.deepEqual([drafts.size, kept.size], [0, 0]);
});

test('a message with files is the same row from the moment it is written, and knows its bytes', async () => {
  const { room } = await joined();
  room.send('', { files: [chosen('abc')] });
  const before = lineAt(room, 0).key;
  await settle(400);

  const line = lineAt(room, 0);
  assert.deepEqual([line.key, line.state, line.seq], [before, 'sent', 1]);
  const [{ id }] = line.body.uploads ?? [];
  assert.equal(await room.files.bytes.get(room.files.keyOf(id) ?? '')?.text(), 'abc');
});

test('what is written meanwhile goes before a message whose files are on their way', async () => {
  const { room } = await joined();
  uploads.isDown = true;
  room.send('with a file', { files: [chosen('abc')] });
  room.send('without');
  await settle();
  assert.deepEqual(sent().map(({ content }) => content), ['without']);
  uploads.isDown = false;
  await settle(2_000);
  assert.deepEqual(sent().map(({ content }) => content), ['without', 'with a file']);
});

test('a file that breaks off goes on from where the server has got to', async () => {
  const { room } = await joined();
  uploads.breaksAt = 5;
  room.send('', { files: [chosen('twelve bytes')] });
  await settle();
  assert.deepEqual(sent(), []);
  await settle(1_000);

  const [id] = uploads.all.keys();
  assert.deepEqual(uploads.asked, ['POST /api/rooms/lobby/uploads', `PATCH /api/uploads/${id}`, `HEAD /api/uploads/${id}`, `PATCH /api/uploads/${id}`, `GET /api/uploads/${id}`]);
  assert.equal(uploads.textOf(id), 'twelve bytes');
  assert.equal(sent().length, 1);
});

test('after a reload in the middle the kept bytes go on, and the message arrives once', async () => {
  const first = await joined();
  uploads.breaksAt = 5;
  first.room.send('mine', { files: [chosen('twelve bytes')] });
  await settle();
  uploads.isDown = true;
  first.connection.stop();
  await settle();
  uploads.isDown = false;

  const { room } = await joined({ ids: 'b' });
  await room.outboxDriver.restore();
  assert.equal((lineAt(room, 0).body.uploads ?? []).length, 1);
  await settle(400);

  assert.equal(created(), 1);
  const [id] = uploads.all.keys();
  assert.equal(uploads.textOf(id), 'twelve bytes');
  assert.deepEqual(server.events.map(({ client_id }) => client_id), ['a1']);
  assert.deepEqual([drafts.size, kept.size], [0, 0]);
});

test('without its bytes a message of before says so, and waits for its person', async () => {
  const first = await joined();
  uploads.isDown = true;
  first.room.send('mine', { files: [chosen('abc')] });
  first.connection.stop();
  await settle();
  kept.clear();
  uploads.isDown = false;
  const { room } = await joined({ ids: 'b' });
  await room.outboxDriver.restore();
  await settle();
  assert.deepEqual([lineAt(room, 0).state, lineAt(room, 0).refusal?.code], ['failed', 'upload_lost']);
});

test('where storage does not answer a message of before says so, keeps no other file up, and is sent when it answers again', async () => {
  const first = await joined();
  uploads.isDown = true;
  first.room.send('mine', { files: [chosen('abc'), chosen('def')] });
  first.connection.stop();
  await settle();
  uploads.isDown = false;
  isSilent = true;
  const { room } = await joined({ ids: 'b' });
  await room.outboxDriver.restore();
  await settle();
  assert.deepEqual([lineAt(room, 0).state, lineAt(room, 0).refusal?.code], ['failed', 'upload_unread']);
  room.send('another', { files: [chosen('ghi')] });
  await settle(400);
  assert.deepEqual(sent().map(({ content }) => content), ['another']);

  isSilent = false;
  room.retry('a1');
  await settle(400);
  assert.deepEqual(sent().map(({ content }) => content), ['another', 'mine']);
});

test('an upload that the server has no more is made anew, before the message goes', async () => {
  const { room } = await joined();
  uploads.breaksAt = 1;
  room.send('', { files: [chosen('abc')] });
  await settle();
  uploads.all.clear();
  await settle(1_000);
  assert.equal(created(), 2);
  assert.equal(sent().length, 1);
});

test('where no upload lasts, each is begun later than the one before', async () => {
  await joined().then(({ room }) => room.send('', { files: [chosen('abc')] }));
  uploads.refuse.set('GET', { status: 410 });
  await settle();
  assert.equal(created(), 2);
  const begun = [];
  for (let second = 0; second < 60; second += 1) {
    const before = created();
    await settle(1_000);
    if (created() > before) begun.push(second);
  }
  assert.deepEqual(begun, [0, 2, 6, 14, 24, 34, 44, 54]);

  uploads.refuse.clear();
  await settle(10_000);
  assert.equal(sent().length, 1);
});

test('a line that breaks again and again where it has got to is tried later and later', async () => {
  const { room } = await joined();
  uploads.breaksAt = 1;
  room.send('', { files: [chosen('abc')] });
  await settle();
  uploads.refuse.set('PATCH', { status: 503 });
  const tried = () => uploads.asked.filter((asked) => asked.startsWith('PATCH')).length;
  const before = tried();
  await settle(60_000);
  assert.equal(tried() - before, 9);
});

test('a message whose uploads had died meanwhile uploads them anew under the same client id, once', async () => {
  const { room } = await joined();
  server.refuse.set('message', { code: 'upload_unknown', retryable: false });
  room.send('', { files: [chosen('abc')] });
  await settle();
  assert.deepEqual([created(), lineAt(room, 0).state], [2, 'failed']);

  server.refuse.clear();
  room.retry('a1');
  await settle();
  assert.deepEqual([created(), server.events.length, server.events[0].client_id], [3, 1, 'a1']);
});

test('a picture is sent when it was looked at, and what cannot be one fails with its reason', async () => {
  const { room } = await joined();
  uploads.looks = 2;
  room.send('', { files: [chosen('abc')] });
  await settle();
  assert.deepEqual(sent(), []);
  await settle(250);
  await settle(500);
  assert.equal(sent().length, 1);

  uploads.looks = 1;
  room.send('two', { files: [chosen('xyz')] });
  await settle();
  Object.assign([...uploads.all.values()][1], { state: 'refused', why: 'damaged' });
  await settle(250);
  assert.deepEqual([lineAt(room, 1).state, lineAt(room, 1).refusal?.code, lineAt(room, 1).refusal?.why], ['failed', 'upload_refused', 'damaged']);
});

test('a photo that has arrived is not sent again when nobody heard what became of it', async () => {
  const { room } = await joined();
  uploads.looks = 1;
  uploads.looksLost = 1;
  room.send('', { files: [chosen('twelve bytes')] });
  await settle();
  const [upload] = uploads.all.values();
  upload.state = 'ready';
  await settle(2_000);

  const path = `/api/uploads/${upload.id}`;
  assert.deepEqual(uploads.asked.slice(1), [`PATCH ${path}`, `GET ${path}`, `HEAD ${path}`, `GET ${path}`]);
  assert.deepEqual([lineAt(room, 0).state, sent().length], ['sent', 1]);
});

test('a file that has come in too many pieces is begun anew', async () => {
  const { room } = await joined();
  uploads.breaksAt = 5;
  room.send('', { files: [chosen('twelve bytes')] });
  await settle();
  [...uploads.all.values()][0].isInPieces = true;
  await settle(1_000);
  assert.deepEqual([created(), sent().length], [2, 1]);
  assert.equal(uploads.textOf(sent()[0].uploads[0]), 'twelve bytes');
});

test('a file that is refused can be left out, and the rest goes', async () => {
  const { room } = await joined();
  uploads.refuse.set('POST', { status: 413, error: { code: 'upload_too_large', retryable: false } });
  room.send('both', { files: [chosen('abc')] });
  await settle();
  assert.deepEqual([lineAt(room, 0).state, lineAt(room, 0).refusal?.code], ['failed', 'upload_too_large']);
  room.removeFile('a1', 'a1-0');
  await settle();
  assert.deepEqual(sent(), [{ room: 'lobby', client_id: 'a1', content: 'both' }]);
});

test('a short wait is waited for, and a long one is told', async () => {
  const { room } = await joined();
  uploads.refuse.set('POST', { status: 429, error: { code: 'rate_limited', retryable: true, retry_after_ms: 20_000 } });
  room.send('', { files: [chosen('abc')] });
  await settle();
  assert.equal(lineAt(room, 0).state, 'waiting');
  uploads.refuse.set('POST', { status: 429, error: { code: 'rate_limited', retryable: true, retry_after_ms: 7_200_000 } });
  await settle(20_000);
  assert.deepEqual([lineAt(room, 0).state, lineAt(room, 0).refusal?.code], ['failed', 'rate_limited']);
  uploads.refuse.clear();
  room.retry('a1');
  await settle();
  assert.equal(server.events.length, 1);
});

test('the last file that is taken away takes a message without words along, here and at the server', async () => {
  const { room } = await joined();
  uploads.breaksAt = 1;
  room.send('', { files: [chosen('abc')] });
  await settle();
  room.removeFile('a1', 'a1-0');
  await settle();
  assert.deepEqual([room.lines(), uploads.all.size, drafts.size, kept.size], [[], 0, 0, 0]);
  await settle(60_000);
  assert.equal(created(), 1);
});

test('a message that is discarded takes its files along, also those that were there', async () => {
  const { room } = await joined();
  server.refuse.set('message', { code: 'forbidden', retryable: false });
  room.send('', { files: [chosen('abc'), chosen('xyz')] });
  await settle();
  assert.equal(uploads.all.size, 2);
  room.discard('a1');
  await settle();
  assert.deepEqual([uploads.all.size, drafts.size, kept.size], [0, 0, 0]);
});

test('what another person has left is not sent under one’s name, until one says so: then it is uploaded as one’s own', async () => {
  const first = await joined();
  uploads.breaksAt = 1;
  first.room.send('Ana’s', { files: [chosen('abc')] });
  await settle();
  first.connection.stop();
  const { room } = await joined({ ids: 'b', who: CLARA });
  await room.outboxDriver.restore();
  await settle(60_000);
  assert.deepEqual([lineAt(room, 0).state, sent().length], ['paused', 0]);
  room.retry('a1');
  await settle();
  assert.deepEqual([created() >= 2, server.events.map(({ user }) => user.id)], [true, ['u_clara']]);
});

test('two files are sent at a time', async () => {
  const { room } = await joined();
  uploads.isDown = true;
  room.send('', { files: [1, 2, 3, 4].map((number) => chosen(`file ${number}`)) });
  await settle();
  assert.equal(created(), 2);
  uploads.isDown = false;
  await settle(1_000);
  assert.deepEqual([server.events.length, uploads.all.size], [1, 4]);
});

test('how much of a file is with the server is told while it goes', async () => {
  const { room } = await joined();
  const told = /** @type {number[]} */ ([]);
  room.files.on('progress', ({ key, bytes }) => key === 'a1-0' && told.push(bytes));
  uploads.breaksAt = 5;
  room.send('', { files: [chosen('twelve bytes')] });
  await settle(1_000);
  assert.deepEqual(told, [5, 12]);
});

test('an edit may keep some of the files: that is shown at once, and sent', async () => {
  const { room } = await joined();
  room.send('two', { files: [chosen('abc'), chosen('xyz')] });
  await settle(400);
  const [first, second] = lineAt(room, 0).body.uploads ?? [];
  assert.ok(first && second);
  server.isDeaf = true;
  room.edit(1, 'one', { uploads: [second.id] });
  await settle();
  assert.deepEqual([lineAt(room, 0).content, (lineAt(room, 0).body.uploads ?? []).map(({ id }) => id)], ['one', [second.id]]);
  assert.deepEqual(server.asked.at(-1), ['edit', { room: 'lobby', client_id: 'a2', target: { seq: 1, id: 'm1' }, content: 'one', rev: 1, uploads: [second.id] }]);
});

test('a file that this browser cannot keep is said to be so once, tried again when the network is back, and sent all the same', async () => {
  const { room, connection } = await joined();
  const told = /** @type {string[]} */ ([]);
  room.files.on('unkept', ({ key }) => told.push(key));
  uploads.isDown = true;
  isFull = true;
  room.send('', { files: [chosen('abc')] });
  await settle();
  room.files.wake();
  await settle();
  assert.deepEqual([told, kept.size, room.hasUnkept], [['a1-0'], 0, true]);
  isFull = false;
  room.files.wake();
  await settle();
  assert.deepEqual([kept.size, room.hasUnkept], [1, false]);
  connection.stop();
});

test('a file whose keeper could not be loaded is kept as soon as it can', async () => {
  const { room } = await joined();
  const told = /** @type {string[]} */ ([]);
  room.files.on('unkept', ({ key }) => told.push(key));
  uploads.isDown = true;
  isIncomplete = true;
  room.files.take('a1', [chosen('abc')]);
  await settle();
  assert.deepEqual(told, ['a1-0']);
  isIncomplete = false;
  room.files.wake();
  await settle();
  assert.equal(kept.size, 1);
});

test('a file that another person has left can be left out, and while its message is sent none can', async () => {
  const first = await joined();
  uploads.isDown = true;
  first.room.send('Ana’s', { files: [chosen('abc'), chosen('xyz')] });
  await settle();
  first.connection.stop();
  uploads.isDown = false;
  const { room } = await joined({ ids: 'b', who: CLARA });
  await room.outboxDriver.restore();
  await settle();
  room.removeFile('a1', 'a1-0');
  await settle();
  assert.deepEqual([lineAt(room, 0).state, (lineAt(room, 0).body.uploads ?? []).map(({ key }) => key)], ['paused', ['a1-1']]);
  assert.deepEqual([[...kept.keys()], drafts.get('a1').files.length], [['a1-1'], 1]);

  server.isDeaf = true;
  room.retry('a1');
  await settle();
  assert.equal(lineAt(room, 0).state, 'sending');
  room.removeFile('a1', 'a1-1');
  await settle();
  assert.deepEqual([[...kept.keys()], room.files.bytes.has('a1-1'), uploads.all.size], [['a1-1'], true, 1]);
});

test('what an edit takes away from a message that waits is kept no longer, and not sent', async () => {
  const { room } = await joined();
  uploads.breaksAt = 1;
  room.send('two', { files: [chosen('abc'), chosen('xyz')] });
  await settle();
  assert.equal(uploads.all.size, 2);
  room.edit('a1', 'one', { uploads: ['a1-1'] });
  await settle(2_000);
  assert.deepEqual([uploads.all.size, kept.size, room.files.bytes.has('a1-0')], [1, 0, false]);
  assert.deepEqual(sent().map(({ content, uploads: ids }) => [content, ids.length]), [['one', 1]]);
});

test('of a file nothing stays here once its message is deleted, or over', async () => {
  const { room } = await joined();
  const dropped = /** @type {string[]} */ ([]);
  room.files.on('dropped', ({ key }) => dropped.push(key));
  room.send('one', { files: [chosen('abc')] });
  await settle(400);
  room.send('two', { files: [chosen('xyz')] });
  await settle(400);
  assert.deepEqual([[...room.files.bytes.keys()], dropped], [['a1-0', 'a2-0'], []]);
  room.delete(1);
  await settle(6_000);
  assert.deepEqual([[...room.files.bytes.keys()], dropped], [['a2-0'], ['a1-0']]);
  room.expire(time.clock() + 1e12);
  await settle();
  assert.deepEqual([room.files.bytes.size, dropped], [0, ['a1-0', 'a2-0']]);
});

test('the address of one’s own bytes leads nowhere once they are not here any more', async () => {
  const { room } = await joined();
  room.send('one', { files: [chosen('abc')] });
  await settle(400);
  const [upload] = lineAt(room, 0).body.uploads ?? [];
  const source = new Source(upload, 'a1-0', { room, addresses: /** @type {any} */ (null) });
  const url = source.local ?? '';
  assert.equal(await (await fetch(url)).text(), 'abc');
  room.delete(1);
  await settle(6_000);
  assert.equal(source.local, null);
  await assert.rejects(fetch(url));
});

test('in a page of another site a photo is one’s own until it is sent, and then what others have, where that is of another kind', async (context) => {
  const asked = context.mock.method(globalThis, 'fetch', async () => new Response(new Blob(['a jpeg'], { type: 'image/jpeg' })));
  const { room } = await joined();
  const by = { server: 'https://chat.example', token: () => 'a token' };
  const readAt = async (/** @type {number} */ place, type = 'image/jpeg') => {
    const [upload] = lineAt(room, place).body.uploads ?? [];
    return (await bytesFor(by, room, upload.key === undefined ? { ...upload, type } : upload)).text();
  };
  room.send('one', { files: [chosen('a heic', { type: 'image/heic', bytes: new Blob(['a heic'], { type: 'image/heic' }) })] });
  assert.equal(await readAt(0), 'a heic');
  await settle(400);
  assert.equal(await readAt(0), 'a jpeg');
  assert.deepEqual(asked.mock.calls.map(({ arguments: [url] }) => url), [`https://chat.example/files/${lineAt(room, 0).body.uploads?.[0].id}`]);

  room.send('two', { files: [chosen('a text', { type: 'text/plain' })] });
  await settle(400);
  assert.equal(await readAt(1, 'text/plain'), 'a text');
});

test('a server without room says why one waits, and until when', async () => {
  const { room } = await joined();
  uploads.refuse.set('POST', { status: 503, error: { code: 'storage_full', retryable: true } });
  room.send('', { files: [chosen('abc')] });
  await settle();
  const { state, refusal, retryAt } = lineAt(room, 0);
  assert.deepEqual([state, refusal?.code, retryAt], ['waiting', 'storage_full', time.clock() + 1_000]);
  uploads.refuse.clear();
  uploads.looks = 1;
  await settle(1_000);
  assert.deepEqual([lineAt(room, 0).refusal, lineAt(room, 0).retryAt], [null, null]);
});
