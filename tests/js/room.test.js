/** A room over a connection that breaks: what its person sees is complete, in order and once. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Connection, Heartbeat, Room, ServerClock } from '../../static/js/chat/index.js';
import { FakeTime } from './fake-time.js';
import { SmallServer } from './small-server.js';
import { noFiles } from './small-uploads.js';

const ANA = { id: 'u_ana', name: 'Ana' };
const BEN = { id: 'u_ben', name: 'Ben' };
const BOB = { id: 'u_bob', name: 'Bob' };

class MemoryStorage {
  /** @type {Map<string, any>} */
  drafts = new Map();
  load = async () => [...this.drafts.values()];
  /** @param {string} _room @param {any} draft */
  put = async (_room, draft) => void this.drafts.set(draft.client_id, draft);
  /** @param {string} _room @param {string} clientId */
  remove = async (_room, clientId) => void this.drafts.delete(clientId);
}

/** Ana's client and the server it talks to; `who` is signed in, and may be changed. */
function arrange({ storage = new MemoryStorage(), time = new FakeTime(), server = new SmallServer(time.clock), ids = 0, who = { user: ANA } } = {}) {
  const { timers, clock } = time;
  const connection = new Connection({ open: () => server.open(who.user), timers, clock, random: () => 0 });
  const serverClock = new ServerClock(clock);
  const fetchHistory = async () => ({ ok: /** @type {const} */ (true), ...server.on_history({ limit: 100 }) });
  const room = new Room({ id: 'lobby', connection, storage, timers, clock, newId: () => `a${(ids += 1)}`, serverClock, fetchHistory, loadFiles: noFiles });
  const heartbeat = new Heartbeat({
    connection, timers, serverClock, heads: () => ({ lobby: room.log.last }), onBehind: ({ head }) => room.behind(head),
  });
  return { storage, time, server, connection, room, serverClock, heartbeat, who };
}

/**
 * Whoever was signed in is signed out, and somebody else signs in at the same page.
 *
 * @param {ReturnType<typeof arrange>} place
 * @param {{id: string, name: string}} user
 */
async function signInAs({ server, connection, who, room, time }, user) {
  server.sockets[0]?.hear('bye', { code: 'signed_out', retry: false });
  assert.equal(connection.status.state, 'signed-out');
  who.user = user;
  room.become(user);
  connection.start();
  await time.pass(600);
}

/** @param {Room} room */
const texts = (room) => room.lines().map((line) => (line.kind === 'message' ? line.content : line.kind));
/** @param {Room} room */
const states = (room) => room.lines().map((line) => (line.kind === 'message' ? [line.content, line.state] : line.kind));

test('a message is on the screen at once, is sent, and keeps its key', async () => {
  const { room, connection, time } = arrange();
  connection.start();
  await time.pass(0);
  room.send('hello');
  const [waiting] = room.lines();
  assert.equal(waiting.kind === 'message' && waiting.state, 'sending');

  await time.pass(0);

  const [sent] = room.lines();
  assert.deepEqual(states(room), [['hello', 'sent']]);
  assert.equal(sent.key, waiting.key);
  assert.equal(sent.kind === 'message' && sent.seq, 1);
});

test('between its ack and its event a message stays on the screen', async () => {
  const { room, connection, server, time } = arrange();
  connection.start();
  await time.pass(0);
  const held = /** @type {any[]} */ ([]);
  server.broadcast = (name, value) => void held.push([name, value]);
  room.send('hello');
  await time.pass(0);
  assert.deepEqual(states(room), [['hello', 'sent']]);

  for (const [name, value] of held) server.sockets[0].hear(name, value);

  assert.deepEqual(states(room), [['hello', 'sent']]);
});

test('what is written without a connection goes out in order when it is back', async () => {
  const { room, connection, server, time } = arrange();
  room.send('one');
  room.send('two');
  connection.start();
  await time.pass(0);

  assert.deepEqual(server.events.map((event) => event.body.content), ['one', 'two']);
  assert.deepEqual(texts(room), ['one', 'two']);
});

test('a lost ack: the message is repeated with the same id and stored once', async () => {
  const { room, connection, server, storage, time } = arrange();
  connection.start();
  await time.pass(0);
  server.isDeaf = true;
  room.send('hello');
  await time.pass(9_000);
  server.isDeaf = false;
  await time.pass(2_000);

  const sends = server.asked.filter(([name]) => name === 'message').map(([, payload]) => payload);
  assert.deepEqual(sends.map(({ client_id, retry }) => [client_id, retry]), [['a1', undefined], ['a1', true]]);
  assert.deepEqual(texts(room), ['hello']);
  assert.equal(storage.drafts.size, 0);
});

test('stored but cut off before the ack: the resume brings it, and nothing is sent again', async () => {
  const { room, connection, server, time } = arrange();
  connection.start();
  await time.pass(0);
  const send = server.on_message.bind(server);
  server.on_message = (payload, socket) => {
    const sockets = server.sockets;
    server.sockets = [];
    const ack = send(payload, socket);
    server.sockets = sockets;
    server.cut();
    return ack;
  };
  room.send('hello');
  await time.pass(600);

  assert.deepEqual(states(room), [['hello', 'sent']]);
  assert.equal(server.asked.filter(([name]) => name === 'message').length, 1);
});

test('what was said during an absence is there afterwards, once and in order', async () => {
  const { room, connection, server, time } = arrange();
  connection.start();
  await time.pass(0);
  server.say(BEN, 'before');
  server.cut();
  for (let n = 1; n <= 250; n += 1) server.say(BEN, `missed ${n}`);
  await time.pass(600);
  server.say(BEN, 'after');

  assert.deepEqual(texts(room), ['before', ...Array.from({ length: 250 }, (_, n) => `missed ${n + 1}`), 'after']);
});

test('an event that never arrived is noticed by the next ping', async () => {
  const { room, connection, server, time } = arrange();
  connection.start();
  await time.pass(0);
  const [socket] = server.sockets;
  server.sockets = [];
  server.say(BEN, 'lost on the way');
  server.sockets = [socket];
  await time.pass(24_000);
  assert.deepEqual(texts(room), []);

  await time.pass(2_000);

  assert.deepEqual(texts(room), ['lost on the way']);
});

test('an event lost between two others is fetched after 300 ms', async () => {
  const { room, connection, server, time } = arrange();
  connection.start();
  await time.pass(0);
  const [socket] = server.sockets;
  server.sockets = [];
  server.say(BEN, 'one');
  server.sockets = [socket];
  server.say(BEN, 'two');
  await time.pass(299);
  assert.deepEqual(texts(room), []);

  await time.pass(1);

  assert.deepEqual(texts(room), ['one', 'two']);
});

test('after a restart of the page the outbox asks what arrived, and sends the rest', async () => {
  const time = new FakeTime();
  const storage = new MemoryStorage();
  const server = new SmallServer(time.clock);
  server.events.push({ room: 'lobby', seq: 1, id: 'm1', ts: time.now, type: 'message', user: ANA, client_id: 'old1', body: { content: 'arrived' } });
  for (let n = 0; n < 150; n += 1) server.say(BEN, 'so much');
  await storage.put('lobby', { client_id: 'old1', content: 'arrived', put_at: time.now });
  await storage.put('lobby', { client_id: 'old2', content: 'did not', put_at: time.now });
  const { room, connection } = arrange({ time, storage, server });
  await room.outboxDriver.restore();
  connection.start();
  await time.pass(0);

  const sends = server.asked.filter(([name]) => name === 'message').map(([, payload]) => payload.client_id);
  assert.deepEqual(sends, ['old2']);
  assert.equal(texts(room).at(-1), 'did not');
  assert.equal(storage.drafts.size, 0);
});

test('storage read while a message leaves it does not bring the message back', async () => {
  const { room, connection, server, storage, time } = arrange();
  connection.start();
  await time.pass(0);
  storage.remove = async () => {};
  room.send('hello');
  await time.pass(0);
  await room.outboxDriver.restore();
  await time.pass(0);

  assert.deepEqual(states(room), [['hello', 'sent']]);
  assert.equal(server.asked.filter(([name]) => name === 'lookup').length, 0);
});

test('nothing is sent before it is stored', async () => {
  const { room, connection, server, storage, time } = arrange();
  connection.start();
  await time.pass(0);
  let stored = () => {};
  storage.put = () => new Promise((resolve) => (stored = () => resolve(undefined)));
  room.send('hello');
  await time.pass(0);
  assert.equal(server.head, 0);

  stored();
  await time.pass(0);

  assert.equal(server.head, 1);
});

test('without storage messages are sent all the same', async () => {
  const { room, connection, server, storage, time } = arrange();
  storage.put = () => Promise.reject(new Error('private window'));
  connection.start();
  await time.pass(0);
  room.send('hello');
  await time.pass(0);

  assert.equal(server.head, 1);
});

test('what storage has not taken waits here alone until it is sent, and is told once', async () => {
  const { room, connection, server, storage, time } = arrange();
  let told = 0;
  room.on('unkept', () => (told += 1));
  storage.put = () => Promise.reject(new Error('full'));
  for (const words of ['hello', 'anybody?']) room.send(words);
  await time.pass(0);
  assert.deepEqual([room.hasUnkept, told], [true, 1]);

  connection.start();
  await time.pass(0);
  assert.equal(server.head, 2);
  assert.equal(room.hasUnkept, false);
});

test('what storage takes in the end, or nobody wants any more, does not wait here alone', async () => {
  const { room, storage, time } = arrange();
  const put = storage.put;
  storage.put = () => Promise.reject(new Error('full'));
  room.send('hello');
  await time.pass(0);
  assert.equal(room.hasUnkept, true);
  room.discard('a1');
  assert.equal(room.hasUnkept, false);

  room.send('hello');
  await time.pass(0);
  storage.put = put;
  room.edit('a2', 'hello again');
  await time.pass(0);
  assert.equal(room.hasUnkept, false);
});

test('a refusal that is final is shown with its reason, and the next message goes', async () => {
  const { room, connection, server, time } = arrange();
  connection.start();
  await time.pass(0);
  server.refuse.set('message', { code: 'muted', message: 'You are muted.', retryable: false });
  room.send('first');
  await time.pass(0);
  server.refuse.clear();
  room.send('second');
  await time.pass(0);

  const failed = room.lines().find((line) => line.kind === 'message' && line.state === 'failed');
  assert.equal(failed?.kind === 'message' && failed.refusal?.message, 'You are muted.');
  assert.deepEqual(states(room), [['second', 'sent'], ['first', 'failed']]);
});

test('over the rate: the message waits as long as the server says, then goes', async () => {
  const { room, connection, server, time } = arrange();
  connection.start();
  await time.pass(0);
  server.refuse.set('message', { code: 'rate_limited', message: 'Slow down.', retryable: true, retry_after_ms: 3_000 });
  room.send('hello');
  await time.pass(0);
  const [line] = room.lines();
  assert.equal(line.kind === 'message' && line.retryAt, time.now + 3_000);
  server.refuse.clear();
  await time.pass(2_999);
  assert.equal(server.head, 0);

  await time.pass(1);

  assert.equal(server.head, 1);
});

test('where this machine’s clock is wrong, what is on its way has the server’s times', async () => {
  const { room, connection, server, serverClock, time } = arrange();
  connection.start();
  await time.pass(0);
  serverClock.hear(time.now - 180_000);
  server.refuse.set('message', { code: 'rate_limited', message: 'Slow down.', retryable: true, retry_after_ms: 3_000 });
  room.send('hello');
  await time.pass(0);

  const [line] = room.lines();
  assert.deepEqual(line.kind === 'message' && [line.ts, line.retryAt], [serverClock.now(), serverClock.now() + 3_000]);
});

test('a taken name is told to the page, which joins again under another', async () => {
  const { room, connection, server, time } = arrange();
  server.refuse.set('join', { code: 'name_taken', message: 'Taken.', retryable: false, suggestion: 'Ana 2' });
  connection.start();
  await time.pass(30_000);
  assert.deepEqual(room.status.state === 'refused' && room.status.refusal.suggestion, 'Ana 2');
  server.refuse.clear();

  room.rename({ id: 'u_ana', name: 'Ana 2' });
  await time.pass(0);

  assert.equal(room.status.state, 'joined');
  assert.equal(room.me.name, 'Ana 2');
});

test('a join that is refused for now is tried again', async () => {
  const { room, connection, server, time } = arrange();
  server.refuse.set('join', { code: 'owner_unavailable', message: 'Soon.', retryable: true, retry_after_ms: 400 });
  connection.start();
  await time.pass(399);
  const { status } = room;
  assert.ok(status.state === 'joining' && status.delay !== undefined, 'it says why, and until when');
  assert.deepEqual([status.delay.refusal.code, status.delay.retryAt - time.now], ['owner_unavailable', 1]);
  server.refuse.clear();
  await time.pass(1);

  assert.deepEqual(room.status, { state: 'joined' });
});

test('where the server does not say when to come back, each wait is twice as long, up to ten seconds', async () => {
  const { room, connection, server, time } = arrange();
  server.refuse.set('join', { code: 'owner_unavailable', message: 'Soon.', retryable: true });
  connection.start();
  await time.pass(0);
  for (const seconds of [1, 2, 4, 8, 10, 10]) {
    const { status } = room;
    assert.equal(status.state === 'joining' && status.delay && status.delay.retryAt - time.now, seconds * 1_000);
    await time.pass(seconds * 1_000);
  }
  server.refuse.clear();
  await time.pass(10_000);
  server.refuse.set('join', { code: 'owner_unavailable', message: 'Soon.', retryable: true });

  room.join();
  await time.pass(0);

  const { status } = room;
  assert.equal(status.state === 'joining' && status.delay && status.delay.retryAt - time.now, 1_000, 'and anew once it was let in');
});

test('resync joins again and loses nothing', async () => {
  const { room, connection, server, time } = arrange();
  connection.start();
  await time.pass(0);
  server.say(BEN, 'one');
  const [socket] = server.sockets;
  server.sockets = [];
  server.say(BEN, 'two');
  server.sockets = [socket];
  socket.hear('resync', { room: 'lobby', reason: 'lagging', head: 2 });
  await time.pass(0);

  assert.deepEqual(texts(room), ['one', 'two']);
});

test('another room’s events are not ours', async () => {
  const { room, connection, server, time } = arrange();
  connection.start();
  await time.pass(0);
  server.sockets[0].hear('event', { room: 'elsewhere', seq: 1, type: 'message', ts: 1, user: BEN, body: { content: 'psst' } });

  assert.deepEqual(texts(room), []);
});

test('only live messages of others are announced', async () => {
  const { room, connection, server, time } = arrange();
  const announced = /** @type {string[]} */ ([]);
  room.on('arrived', (event) => void announced.push(event.body.content ?? ''));
  server.say(BEN, 'old');
  connection.start();
  await time.pass(0);
  room.send('mine');
  await time.pass(0);
  server.say(BEN, 'live');

  assert.deepEqual(announced, ['live']);
});

test('another stream: what was seen of the old log leaves, and is told of', async () => {
  const { room, connection, server, time } = arrange();
  const changed = /** @type {number[][]} */ ([]);
  room.on('changed', ({ seqs }) => void changed.push(seqs));
  connection.start();
  await time.pass(0);
  room.send('hello');
  await time.pass(0);
  server.stream = 's2';
  server.events = [];
  server.say(BEN, 'anew');
  server.cut();
  await time.pass(600);

  assert.deepEqual(texts(room), ['anew']);
  assert.deepEqual(changed, [[1]]);
});

test('presence and typing follow the server, and one’s own typing is not shown', async () => {
  const { room, connection, server, time } = arrange();
  connection.start();
  await time.pass(0);
  server.sockets[0].hear('presence', { room: 'lobby', v: [1, server.n + 1], count: 2, joined: [BEN] });
  server.broadcast('typing', { room: 'lobby', users: [ANA, BEN], ttl_ms: 6_000 });
  assert.deepEqual(room.presence.users.map((user) => user.name), ['Ana', 'Ben']);
  assert.deepEqual(room.typing.users, [BEN]);

  await time.pass(6_000);

  assert.deepEqual(room.typing.users, []);
});

test('whoever sends is not writing any more', async () => {
  const { room, connection, server, time } = arrange();
  connection.start();
  await time.pass(0);
  server.broadcast('typing', { room: 'lobby', users: [BEN], ttl_ms: 6_000 });
  server.say(BEN, 'done');

  assert.deepEqual(room.typing.users, []);
});

test('writing is said at most every three seconds, and its end at once', async () => {
  const { room, connection, server, time } = arrange();
  connection.start();
  await time.pass(0);
  for (let n = 0; n < 8; n += 1) {
    room.typing.write();
    await time.pass(500);
  }
  room.typing.rest();
  room.typing.rest();

  const said = server.asked.filter(([name]) => name === 'typing').map(([, { on }]) => on);
  assert.deepEqual(said, [true, true, false]);
});

test('writing again right after sending is said as soon as it may be', async () => {
  const { room, connection, server, time } = arrange();
  connection.start();
  await time.pass(0);
  room.typing.write();
  room.send('first');
  room.typing.write();
  await time.pass(2_999);
  const said = () => server.asked.filter(([name]) => name === 'typing').map(([, { on }]) => on);
  assert.deepEqual(said(), [true, false]);

  await time.pass(10_000);

  assert.deepEqual(said(), [true, false, true]);
});

test('the read cursor moves forward only, and is told once for a burst', async () => {
  const { room, connection, server, time } = arrange();
  connection.start();
  await time.pass(0);
  for (const seq of [3, 5, 4]) room.read.advance(seq);
  await time.pass(500);
  server.broadcast('read', { room: 'lobby', user: ANA.id, seq: 2 });

  assert.deepEqual(server.asked.filter(([name]) => name === 'read').map(([, { seq }]) => seq), [5]);
  assert.equal(room.read.seq, 5);
});

test('what was read while the connection was gone is told after the next join', async () => {
  const { room, connection, server, time } = arrange();
  connection.start();
  await time.pass(0);
  server.cut();
  room.read.advance(7);
  await time.pass(600);

  assert.deepEqual(server.asked.filter(([name]) => name === 'read').map(([, { seq }]) => seq), [7]);
});

test('what one person wrote is never sent as another, unless that one says so', async () => {
  const place = arrange();
  const { room, connection, server, storage, time } = place;
  connection.start();
  await time.pass(0);
  server.isDeaf = true;
  room.send('Ana’s private thought');
  await time.pass(0);
  server.isDeaf = false;
  await signInAs(place, BOB);
  await time.pass(60_000);

  assert.equal(server.head, 0);
  const [line] = room.lines();
  assert.deepEqual(line.kind === 'message' && [line.state, line.author, line.isMine], ['paused', ANA, false]);
  assert.equal(room.waitingCount, 0);
  assert.deepEqual([...storage.drafts.values()].map((draft) => draft.author), [ANA]);
  room.send('Bob’s own');
  await time.pass(0);
  assert.deepEqual(server.events.map(({ user, body }) => [user.id, body.content]), [['u_bob', 'Bob’s own']]);

  room.retry('a1');
  await time.pass(0);

  assert.deepEqual(server.events.map(({ user, body }) => [user.id, body.content]), [['u_bob', 'Bob’s own'], ['u_bob', 'Ana’s private thought']]);
  assert.deepEqual(states(room), [['Bob’s own', 'sent'], ['Ana’s private thought', 'sent']]);
  assert.equal(storage.drafts.size, 0);
});

test('stored, but neither ack nor event came, then somebody else signs in: it stands there once', async () => {
  const place = arrange();
  const { room, connection, server, storage, time } = place;
  connection.start();
  await time.pass(0);
  const [socket] = server.sockets;
  server.sockets = [];
  socket.emit = (name, payload) => server.receive(socket, name, payload, () => {});
  room.send('once');
  await time.pass(0);
  server.sockets = [socket];
  await signInAs(place, BOB);

  assert.deepEqual(server.events.map(({ user, body }) => [user.id, body.content]), [['u_ana', 'once']]);
  assert.deepEqual(states(room), [['once', 'sent']]);
  assert.equal(storage.drafts.size, 0);
});

test('a failed message of somebody else is not repeated as one’s own by a “Retry”, and not looked up', async () => {
  const storage = new MemoryStorage();
  const place = arrange({ storage, who: { user: BOB } });
  const { room, connection, server, time } = place;
  await storage.put('lobby', { client_id: 'old1', content: 'from before', put_at: time.now, author: ANA });
  room.become(BOB);
  await room.outboxDriver.restore();
  assert.deepEqual(states(room), [['from before', 'paused']]);
  connection.start();
  await time.pass(0);

  assert.deepEqual(server.asked.map(([name]) => name).filter((name) => name !== 'join'), []);
  room.discard('old1');
  assert.deepEqual(room.lines(), []);
  await time.pass(0);
  assert.equal(storage.drafts.size, 0);
});

test('leaving is told, with what was read, and waits no longer than it may', async () => {
  const { room, connection, server, time } = arrange();
  connection.start();
  await time.pass(0);
  room.read.advance(3);
  server.isDeaf = true;
  let isGone = false;
  void room.leave(300).then(() => (isGone = true));
  await time.pass(299);
  assert.deepEqual(server.asked.slice(-2), [['read', { room: 'lobby', seq: 3 }], ['leave', { room: 'lobby' }]]);
  assert.equal(isGone, false);

  await time.pass(1);

  assert.equal(isGone, true);
});

test('without a connection nobody is kept from leaving', async () => {
  const { room, server } = arrange();
  await room.leave(300);
  assert.deepEqual(server.asked, []);
});
