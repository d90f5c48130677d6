/** What a page brings with it is seen before there is a connection, and the first join goes on from there. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Connection, Room, ServerClock } from '../../static/js/chat/index.js';
import { FakeTime } from './fake-time.js';
import { SmallServer } from './small-server.js';
import { noFiles } from './small-uploads.js';

const ANA = { id: 'u_ana', name: 'Ana' };
const BEN = { id: 'u_ben', name: 'Ben' };
const NO_STORAGE = { load: async () => [], put: async () => {}, remove: async () => {} };

/** A server that says what Ben has said, and Ana's client, opened with what the page brought of it. */
function arrange({ said = 3, read = 0 } = {}) {
  const time = new FakeTime();
  const { timers, clock } = time;
  const server = new SmallServer(clock);
  const fetched = /** @type {any[]} */ ([]);
  for (let n = 1; n <= said; n += 1) server.say(BEN, `text ${n}`);
  const connection = new Connection({ open: () => server.open(ANA), timers, clock, random: () => 0 });
  const fetchHistory = async (/** @type {any} */ question) => {
    fetched.push(question);
    return { ok: /** @type {const} */ (true), ...server.on_history(question) };
  };
  const room = new Room({
    id: 'lobby', connection, storage: NO_STORAGE, timers, clock, newId: () => 'a1', serverClock: new ServerClock(clock), fetchHistory, loadFiles: noFiles,
  });
  room.open({ history: server.on_history({ limit: 100 }), read, retention_ms: server.retentionMs });
  return { time, server, connection, room, fetched };
}

/** @param {Room} room */
const seqs = (room) => room.lines().map((line) => (line.kind === 'message' ? line.seq : line.kind));

test('it is there at once, with how far one has read', () => {
  const { room, server } = arrange({ read: 2 });

  assert.deepEqual(seqs(room), [1, 2, 3]);
  assert.deepEqual([room.read.seq, room.log.retentionMs, room.fallback.asOf], [2, server.retentionMs, null]);
});

test('the join brings what was said since: nothing twice, nothing missing, nothing moved, nothing fetched', async () => {
  const { room, connection, server, time, fetched } = arrange();
  const keys = room.lines().map((line) => line.key);
  server.say(BEN, 'text 4');
  connection.start();
  await time.pass(0);
  server.say(BEN, 'text 5');

  assert.equal(room.status.state, 'joined');
  assert.deepEqual(seqs(room), [1, 2, 3, 4, 5]);
  assert.deepEqual(room.lines().map((line) => line.key).slice(0, 3), keys);
  assert.deepEqual(fetched, []);
});

test('a room in which all has expired, or nothing was said, goes on with its next message', async () => {
  for (const said of [0, 3]) {
    const { room, connection, server, time } = arrange({ said: 0 });
    for (let n = 1; n <= said; n += 1) server.say(BEN, `text ${n}`);
    server.floor = said + 1;
    room.open({ history: server.on_history({ limit: 100 }), read: 0, retention_ms: server.retentionMs });
    connection.start();
    await time.pass(0);
    server.say(BEN, 'next');

    assert.deepEqual(seqs(room).filter((seq) => seq !== 'floor'), [said + 1]);
  }
});

test('without a connection older ones are loaded, and what is new is looked for', async () => {
  const { room, connection, server, time } = arrange({ said: 150 });
  server.isDown = true;
  connection.start();
  await time.pass(0);
  room.older();
  await time.pass(0);
  assert.equal(seqs(room).length, 150);
  server.say(BEN, 'text 151');
  await time.pass(10_000);

  assert.equal(seqs(room).at(-1), 151);
  assert.notEqual(room.fallback.asOf, null);
});

test('a log that began anew meanwhile is another one: the old rows leave, and nothing of it is read', async () => {
  const { room, connection, server, time } = arrange({ read: 3 });
  server.stream = 's2';
  server.events = [];
  server.say(BEN, 'anew');
  connection.start();
  await time.pass(0);

  assert.deepEqual(seqs(room), [1]);
  assert.equal(room.read.seq, 0);
});
