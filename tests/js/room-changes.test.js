/** What becomes of messages: what one does oneself is on the screen at once, and once in the log, whatever the connection does. */

import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';

import { Connection, Room, ServerClock } from '../../static/js/chat/index.js';
import { FakeTime } from './fake-time.js';
import { SmallServer } from './small-server.js';
import { noFiles } from './small-uploads.js';

const ANA = { id: 'u_ana', name: 'Ana' };
const BEN = { id: 'u_ben', name: 'Ben' };

/** @type {FakeTime} */
let time;
/** @type {SmallServer} */
let server;
/** What is kept on this machine. @type {Map<string, any>} */
let drafts;

beforeEach(() => {
  time = new FakeTime();
  server = new SmallServer(time.clock);
  drafts = new Map();
});

/** Ana's page, in a room in which she has said “hello” and Ben “hi”. */
function openPage({ ids = 'a' } = {}) {
  let count = 0;
  const { timers, clock } = time;
  const storage = {
    load: async () => [...drafts.values()],
    put: async (/** @type {string} */ _room, /** @type {any} */ draft) => void drafts.set(draft.client_id, structuredClone(draft)),
    remove: async (/** @type {string} */ _room, /** @type {string} */ clientId) => void drafts.delete(clientId),
  };
  const connection = new Connection({ open: () => server.open(ANA), timers, clock, random: () => 0 });
  const fetchHistory = async () => ({ ok: /** @type {const} */ (true), ...server.on_history({ limit: 100 }) });
  const room = new Room({
    id: 'lobby', connection, storage, timers, clock, newId: () => `${ids}${(count += 1)}`, serverClock: new ServerClock(clock), fetchHistory, loadFiles: noFiles,
  });
  room.become(ANA);
  return { room, connection };
}

async function joined() {
  server.say(ANA, 'hello');
  server.say(BEN, 'hi');
  const page = openPage();
  page.connection.start();
  await time.pass(0);
  return page;
}

/** @param {Room} room @param {number} place */
function lineAt(room, place) {
  const line = room.lines().filter(({ kind }) => kind === 'message').at(place);
  assert.ok(line?.kind === 'message');
  return line;
}

const asked = () => server.asked.filter(([name]) => !['join', 'history', 'lookup'].includes(name));
const told = () => server.events.filter(({ type }) => type !== 'message').map(({ type, body }) => [type, body.target?.seq, body.content]);

test('an edit is on the screen at once, and stays as it goes out, is acked and comes back', async () => {
  const { room } = await joined();
  room.edit(1, 'hello all');
  assert.deepEqual([lineAt(room, 0).content, lineAt(room, 0).change?.state], ['hello all', 'sending']);
  const { say } = server;
  server.broadcast = () => {};
  await time.pass(0);
  assert.deepEqual([lineAt(room, 0).content, lineAt(room, 0).change?.state], ['hello all', 'sent']);

  delete (/** @type {any} */ (server).broadcast);
  say.call(server, BEN, 'so?');
  await time.pass(400);

  assert.deepEqual([lineAt(room, 0).content, lineAt(room, 0).change, lineAt(room, 0).body.edited_seq], ['hello all', null, 3]);
  assert.deepEqual(asked(), [['edit', { room: 'lobby', client_id: 'a1', target: { seq: 1, id: 'm1' }, content: 'hello all', rev: 1 }]]);
  assert.equal(drafts.size, 0);
});

test('an edit names the text that it was written on, or the one that the person saw', async () => {
  const { room } = await joined();
  room.edit(1, 'hello all');
  await time.pass(0);
  server.react(BEN, 1, '👍');
  room.edit(1, 'hello everybody');
  await time.pass(0);
  room.edit(1, 'hello', { base: 3 });
  await time.pass(0);

  assert.deepEqual(asked().map(([, { rev }]) => rev), [1, 3, 3]);
});

test('a deletion shows at once, can be undone for five seconds, and is never asked for then', async () => {
  const { room } = await joined();
  const clientId = room.delete(1);
  assert.deepEqual([lineAt(room, 0).isDeleted, lineAt(room, 0).content, lineAt(room, 0).change?.notBefore], [true, '', time.now + 5_000]);
  await time.pass(4_999);
  assert.equal(room.undo(clientId ?? ''), true);
  assert.deepEqual([lineAt(room, 0).isDeleted, lineAt(room, 0).content, lineAt(room, 0).change], [false, 'hello', null]);
  await time.pass(10_000);

  assert.deepEqual(asked(), []);
  assert.equal(drafts.size, 0);
});

test('after five seconds it is deleted, and cannot be undone', async () => {
  const { room } = await joined();
  const clientId = room.delete(1);
  assert.equal(room.delete(1), clientId);
  await time.pass(5_000);
  assert.equal(lineAt(room, 0).isDeleted, true);
  assert.deepEqual([lineAt(room, 0).change, room.lines().length], [null, 2]);

  assert.deepEqual(told(), [['delete', 1, undefined]]);
  assert.deepEqual(lineAt(room, 0).body, { content: '', deleted: { at: time.now, by: 'author' } });
});

test('a page that goes sends its deletions before it is gone', async () => {
  const { room } = await joined();
  room.delete(1);
  await time.pass(1_000);

  room.flush();

  assert.deepEqual(asked().map(([name]) => name), ['delete']);
});

test('what waits survives a reload, and what an earlier version kept is a message', async () => {
  server.say(ANA, 'hello');
  server.say(BEN, 'hi');
  const { room } = openPage();
  room.open({ history: { ...server.on_history({ limit: 100 }), stream: 's1' }, read: 0, retention_ms: server.retentionMs });
  room.edit(1, 'hello all');
  room.react(2, '👍', true);
  room.delete(1);
  drafts.set('old', { client_id: 'old', content: 'from before', put_at: time.now });
  await time.pass(0);

  const next = openPage({ ids: 'b' });
  await next.room.outboxDriver.restore();
  next.connection.start();
  await time.pass(5_000);

  assert.deepEqual(asked().map(([name]) => name).sort(), ['delete', 'edit', 'message', 'react']);
  assert.deepEqual(told().map(([type]) => type), ['react', 'edit', 'delete']);
  assert.equal(server.events.some(({ body }) => body.content === 'from before'), true);
  assert.equal(drafts.size, 0);
});

test('without a connection changes wait, and go out once in the order in which they were made', async () => {
  const { room } = await joined();
  server.isDown = true;
  server.cut();
  room.send('one');
  room.edit(1, 'hello all');
  room.send('two');
  assert.deepEqual([lineAt(room, 0).content, lineAt(room, 0).change?.state, room.waitingCount], ['hello all', 'waiting', 3]);
  server.isDown = false;
  await time.pass(5_000);

  assert.deepEqual(server.events.slice(2).map(({ type, body }) => [type, body.content]), [['message', 'one'], ['edit', 'hello all'], ['message', 'two']]);
});

test('one’s own reaction counts at once and once', async () => {
  const { room } = await joined();
  server.react(BEN, 2, '🎉');
  const now = () => [lineAt(room, 1).body.reactions, lineAt(room, 1).mine];
  const seen = /** @type {any[]} */ ([]);
  const both = [[{ emoji: '🎉', count: 1 }, { emoji: '👍', count: 1 }], ['👍']];
  const stop = room.on('lines', () => void seen.push(now()));
  room.react(2, '👍', true);
  await time.pass(1_000);
  stop();
  assert.equal(seen.length > 2, true, 'waiting, come back, acked');
  for (const each of seen) assert.deepEqual(each, both);

  room.react(2, '👍', false);

  assert.deepEqual(now(), [[{ emoji: '🎉', count: 1 }], []]);
  await time.pass(1_000);
  assert.deepEqual(now(), [[{ emoji: '🎉', count: 1 }], []]);
  assert.deepEqual(asked()[0], ['react', { room: 'lobby', target: { seq: 2, id: 'm2' }, emoji: '👍', on: true }]);
});

test('a reaction without an answer is sent again', async () => {
  const { room } = await joined();
  server.isDeaf = true;
  room.react(2, '👍', true);
  await time.pass(10_000);
  server.isDeaf = false;
  await time.pass(1_000);

  assert.deepEqual(asked().filter(([name]) => name === 'react').length, 2);
  assert.deepEqual(lineAt(room, 1).mine, ['👍']);
});

test('an answer shows what it answers at once', async () => {
  const { room } = await joined();
  room.send('indeed', { replyTo: 2 });
  assert.deepEqual([lineAt(room, 2).body.reply_to, lineAt(room, 2).body.quote?.excerpt], [{ seq: 2, id: 'm2' }, 'hi']);
  await time.pass(0);

  assert.deepEqual(asked(), [['message', { room: 'lobby', client_id: 'a1', content: 'indeed', reply_to: { seq: 2, id: 'm2' } }]]);
  assert.equal(lineAt(room, 2).body.quote?.excerpt, 'hi');
});

test('who is called by name goes along with what is said, as the room keeps it and as it is edited', async () => {
  const { room } = await joined();
  const called = /** @type {any[]} */ ([]);
  room.on('called', (call) => called.push(call));
  room.send('hey @ben and @Cy');
  const mentions = [{ id: 'u_ben', name: 'ben' }];
  assert.deepEqual(lineAt(room, 2).body.mentions, mentions);
  await time.pass(0);
  room.edit(3, 'hey');
  await time.pass(0);

  assert.deepEqual(asked().map(([, payload]) => payload.mentions), [mentions, undefined]);
  assert.deepEqual([lineAt(room, 2).content, lineAt(room, 2).body.mentions], ['hey', undefined]);
  server.broadcast('event', { room: 'lobby', seq: 5, type: 'edit', id: 'e5', ts: 1, user: BEN, body: { target: { seq: 2, id: 'm2' }, content: 'hi @Ana', mentions: [{ id: 'u_ana', name: 'Ana', since: 5 }], edited_at: 1, edited_seq: 5 } });
  assert.deepEqual(called, [{ seq: 2, at: 5, author: BEN, content: 'hi @Ana' }]);
  assert.equal(lineAt(room, 1).body.mentions?.length, 1);
});

test('a text that waits and is edited calls whom its new words do; a server of before is told of nobody', async () => {
  const { room } = await joined();
  server.isDown = true;
  server.cut();
  room.send('@Ben');
  room.edit('a1', 'hello');
  assert.equal(lineAt(room, 2).body.mentions, undefined);
  room.edit('a1', '@Ben again');
  assert.equal([...drafts.values()].at(-1)?.mentions?.[0].id ?? lineAt(room, 2).body.mentions?.[0].id, 'u_ben');

  server.isDown = false;
  server.features = server.features.filter((name) => name !== 'message.mentions');
  await time.pass(15_000);
  room.send('@Ben?');
  await time.pass(0);
  assert.equal(asked().at(-1)?.[1].mentions, undefined);
});

test('an answer that waits does not quote what has its place in another log', async () => {
  const { room } = await joined();
  server.isDown = true;
  server.cut();
  room.send('indeed', { replyTo: 2 });
  server.stream = 's2';
  server.refuse.set('message', { code: 'target_gone', retryable: false });
  for (const [place, event] of server.events.entries()) server.events[place] = { ...event, id: `other${place}` };
  server.isDown = false;
  await time.pass(1_000);

  assert.deepEqual([lineAt(room, 2).state, lineAt(room, 2).content, lineAt(room, 2).body.quote], ['failed', 'indeed', undefined]);
});

test('where another edit was first one sees it, keeps one’s own, and may insist', async () => {
  const { room } = await joined();
  const failed = /** @type {string[]} */ ([]);
  room.on('failed', (clientId) => void failed.push(clientId));
  server.refuse.set('edit', { code: 'conflict', retryable: false, rev: 3 });
  server.on_edit({ client_id: 'elsewhere', target: { seq: 1, id: 'm1' }, content: 'from my phone' }, server.sockets[0]);
  room.edit(1, 'from here', { base: 1 });
  await time.pass(0);
  const { content, change } = lineAt(room, 0);
  assert.deepEqual([content, change?.state, change?.content, failed], ['from my phone', 'conflict', 'from here', ['a1']]);

  server.refuse.clear();
  room.retry('a1');
  await time.pass(0);

  assert.deepEqual([lineAt(room, 0).content, lineAt(room, 0).change, asked().at(-1)?.[1].rev], ['from here', null, 3]);
});

test('a change whose message is gone says so and is over', async () => {
  const { room } = await joined();
  const refused = /** @type {any[]} */ ([]);
  room.on('refused', ({ kind, seq, refusal }) => void refused.push([kind, seq, refusal.code]));
  for (const name of ['edit', 'react']) server.refuse.set(name, { code: 'target_gone', retryable: false });
  room.edit(1, 'hello all');
  room.react(2, '👍', true);
  await time.pass(0);

  assert.deepEqual(refused.sort(), [['edit', 1, 'target_gone'], ['react', 2, 'target_gone']]);
  assert.deepEqual([lineAt(room, 0).content, lineAt(room, 0).change, lineAt(room, 1).mine], ['hello', null, []]);
  assert.equal(drafts.size, 0);
});

test('a message that waits is edited and deleted where it waits', async () => {
  const { room, connection } = openPage();
  room.send('one');
  room.send('two');
  room.edit('a1', 'first');
  assert.equal(room.delete('a2'), null);
  assert.deepEqual(room.lines().map((line) => line.kind === 'message' && [line.content, line.change]), [['first', null]]);
  connection.start();
  await time.pass(0);

  assert.deepEqual(server.events.map(({ body }) => body.content), ['first']);
});

test('one that is on its way is edited once it has a place, and shows it before', async () => {
  const { room } = await joined();
  server.isDeaf = true;
  room.send('one');
  await time.pass(0);
  room.edit('a1', 'first');
  assert.deepEqual([lineAt(room, 2).content, lineAt(room, 2).change?.state], ['first', 'waiting']);
  server.isDeaf = false;
  await time.pass(11_000);

  assert.deepEqual(server.events.slice(2).map(({ type, body }) => [type, body.content]), [['message', 'first'], ['edit', 'first']]);
  assert.deepEqual([lineAt(room, 2).content, lineAt(room, 2).change, drafts.size], ['first', null, 0]);
});

test('what others do is told of: which messages are others now, and who reacted to one’s own', async () => {
  const { room } = await joined();
  const [changed, reacted] = [/** @type {any[]} */ ([]), /** @type {any[]} */ ([])];
  room.on('changed', ({ seqs }) => void changed.push(...seqs));
  room.on('reacted', ({ seq, emoji, user }) => void reacted.push([seq, emoji, user.name]));
  server.react(BEN, 1, '👍');
  server.react(BEN, 2, '👍');
  server.sockets[0].hear('event', server.events[2]);
  server.react(BEN, 1, '👍', false);
  server.react(ANA, 1, '🎉');

  assert.deepEqual(changed, [1, 2, 1, 1]);
  assert.deepEqual(reacted, [[1, '👍', 'Ben']]);
  assert.deepEqual(lineAt(room, 0).mine, ['🎉']);
});

test('a message that comes together with its deletion does not arrive', async () => {
  const { room } = await joined();
  const arrived = /** @type {any[]} */ ([]);
  room.on('arrived', ({ body }) => void arrived.push(body.content));
  const [socket] = server.sockets;
  server.sockets = [];
  const message = server.say(BEN, 'oops');
  server.on_delete({ client_id: 'x9', target: { seq: 3, id: 'm3' } }, /** @type {any} */ ({ user: BEN }));
  for (const event of [server.events[3], message]) socket.hear('event', event);
  server.sockets = [socket];
  server.say(BEN, 'well');

  assert.deepEqual(arrived, ['well']);
  assert.equal(lineAt(room, 2).isDeleted, true);
});

test('a line is the same object for as long as nothing of it has changed', async () => {
  const { room } = await joined();
  const [first, second] = room.lines();
  server.react(BEN, 2, '👍');
  assert.deepEqual([room.lines()[0] === first, room.lines()[1] === second], [true, false]);
  room.edit(2, 'not mine to edit');

  assert.equal(room.lines()[0] === first, true);
});

test('what the server offers is known once it has greeted', async () => {
  const { room, connection } = openPage();
  assert.equal(room.features.has('edit'), false);
  connection.start();
  await time.pass(0);
  assert.equal(room.features.has('edit'), true);
  assert.deepEqual(await room.reactions(5), { ok: false, error: { code: 'target_gone', retryable: false } });
});
