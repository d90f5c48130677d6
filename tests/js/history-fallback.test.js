/** A room whose socket does not come about: it can be read, and the first join goes on from there. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Connection, Room, ServerClock } from '../../static/js/chat/index.js';
import { FakeTime } from './fake-time.js';
import { SmallServer } from './small-server.js';
import { noFiles } from './small-uploads.js';

const ANA = { id: 'u_ana', name: 'Ana' };
const BEN = { id: 'u_ben', name: 'Ben' };
const NO_STORAGE = { load: async () => [], put: async () => {}, remove: async () => {} };

/** Ana's client, a server that says what Ben has said, and everything that was fetched without a socket. */
function arrange({ isDown = true, said = 3 } = {}) {
  const time = new FakeTime();
  const { timers, clock } = time;
  const server = new SmallServer(clock);
  const fetched = /** @type {any[]} */ ([]);
  server.isDown = isDown;
  for (let n = 1; n <= said; n += 1) server.say(BEN, `text ${n}`);
  const connection = new Connection({ open: () => server.open(ANA), timers, clock, random: () => 0 });
  const serverClock = new ServerClock(clock);
  const fetchHistory = async (/** @type {any} */ question) => {
    fetched.push(question);
    return { ok: /** @type {const} */ (true), ...server.on_history(question) };
  };
  const room = new Room({ id: 'lobby', connection, storage: NO_STORAGE, timers, clock, newId: () => 'a1', serverClock, fetchHistory, loadFiles: noFiles });
  return { time, server, connection, room, fetched };
}

/** @param {Room} room */
const seqs = (room) => room.lines().map((line) => (line.kind === 'message' ? line.seq : line.kind));
/** @param {number} from @param {number} to */
const range = (from, to) => Array.from({ length: to - from + 1 }, (_, n) => from + n);

test('where no socket comes about the newest page is there, and says of when it is', async () => {
  const { room, connection, time } = arrange();
  assert.equal(room.fallback.asOf, null);
  connection.start();
  await time.pass(0);

  assert.deepEqual(seqs(room), [1, 2, 3]);
  assert.equal(room.fallback.asOf, time.now);
  assert.notEqual(room.status.state, 'joined');
});

test('what was said since is there after the next attempt that fails', async () => {
  const { room, connection, server, time } = arrange();
  connection.start();
  await time.pass(0);
  server.say(BEN, 'text 4');
  await time.pass(10_000);

  assert.deepEqual(seqs(room), [1, 2, 3, 4]);
});

test('the first join goes on with what was read: nothing twice, nothing missing, nothing moved', async () => {
  const { room, connection, server, time } = arrange();
  connection.start();
  await time.pass(0);
  const keys = room.lines().map((line) => line.key);
  server.say(BEN, 'text 4');
  server.isDown = false;
  await time.pass(10_000);
  server.say(BEN, 'text 5');

  assert.equal(room.status.state, 'joined');
  assert.deepEqual(seqs(room), [1, 2, 3, 4, 5]);
  assert.deepEqual(room.lines().map((line) => line.key).slice(0, 3), keys);
  assert.equal(room.fallback.asOf, null);
});

test('a page that comes after the join is of no use', async () => {
  const { room, connection, server, time } = arrange({ isDown: false });
  connection.start();
  await time.pass(0);
  server.say(BEN, 'text 4');
  await room.logDriver.read(Infinity);

  assert.deepEqual(seqs(room), [1, 2, 3, 4]);
  assert.equal(room.log.retentionMs, server.retentionMs);
});

test('a room that was joined in time fetches nothing, then or later', async () => {
  const { room, connection, server, time, fetched } = arrange({ isDown: false });
  connection.start();
  await time.pass(60_000);
  assert.equal(room.status.state, 'joined');
  server.isDown = true;
  server.cut();
  await time.pass(60_000);

  assert.deepEqual(fetched, []);
});

test('an attempt that hangs is not waited for', async () => {
  const { room, connection, server, time } = arrange();
  server.open = () => /** @type {any} */ ({ on: () => {}, emit: () => {}, disconnect: () => {} });
  connection.start();
  await time.pass(2_999);
  assert.deepEqual(seqs(room), []);

  await time.pass(1);

  assert.deepEqual(seqs(room), [1, 2, 3]);
});

test('older ones are loaded without a socket too', async () => {
  const { room, connection, time, fetched } = arrange({ said: 250 });
  connection.start();
  await time.pass(0);
  assert.deepEqual(seqs(room), range(151, 250));

  room.older();
  await time.pass(0);

  assert.deepEqual(seqs(room), range(51, 250));
  assert.deepEqual(fetched.at(-1), { room: 'lobby', limit: 100, before: 151 });
});

test('where too much was said before the join, what was read leaves, and is read again where one scrolls to it', async () => {
  const { room, connection, server, time } = arrange();
  connection.start();
  await time.pass(0);
  for (let n = 4; n <= 2_100; n += 1) server.say(BEN, `text ${n}`);
  server.isDown = false;
  await time.pass(10_000);

  assert.deepEqual(seqs(room), range(2_001, 2_100));
  room.older();
  await time.pass(0);
  assert.deepEqual(seqs(room), range(1_901, 2_100));
});

test('a log that is shorter than what was read is another one', async () => {
  const { room, connection, server, time } = arrange();
  connection.start();
  await time.pass(0);
  server.events = [];
  server.say(BEN, 'anew');
  server.isDown = false;
  await time.pass(10_000);

  assert.deepEqual(seqs(room), [1]);
});

test('another log is recognised by its name, however long it is, and before the join', async () => {
  const { room, connection, server, time } = arrange();
  connection.start();
  await time.pass(0);
  room.read.advance(3);
  server.stream = 's2';
  server.events = [];
  for (let n = 1; n <= 4; n += 1) server.say(BEN, `anew ${n}`);
  await time.pass(10_000);

  assert.deepEqual(seqs(room), [1, 2, 3, 4]);
  assert.equal(room.read.seq, 0);
  server.isDown = false;
  await time.pass(10_000);
  assert.equal(room.status.state, 'joined');
  assert.deepEqual(seqs(room), [1, 2, 3, 4]);
});
