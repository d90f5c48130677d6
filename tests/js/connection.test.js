/** The connection comes back for ever, and says honestly where it stands. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Connection, Heartbeat, ServerClock, socketOptions } from '../../static/js/chat/index.js';
import { FakeTime } from './fake-time.js';
import { SmallServer } from './small-server.js';

const ANA = { id: 'u_ana', name: 'Ana' };

function arrange() {
  const time = new FakeTime();
  const server = new SmallServer(time.clock);
  const connection = new Connection({ open: () => server.open(ANA), timers: time.timers, clock: time.clock, random: () => 0.5 });
  const seen = /** @type {string[]} */ ([]);
  connection.on('status', (status) => void seen.push(status.state));
  return { time, server, connection, seen };
}

test('connecting, then online with the greeting', async () => {
  const { connection, seen, time } = arrange();
  connection.start();
  await time.pass(0);

  assert.deepEqual(seen, ['connecting', 'online']);
  assert.equal(connection.hello?.user.name, 'Ana');
});

test('an unreachable server is tried for ever, ever more slowly, and found when it is back', async () => {
  const { connection, server, seen, time } = arrange();
  server.isDown = true;
  connection.start();
  await time.pass(0);
  assert.deepEqual(connection.status, { state: 'waiting', retryAt: time.now + 750 });
  await time.pass(600_000);
  assert.ok(seen.filter((state) => state === 'connecting').length > 100);

  server.isDown = false;
  await time.pass(10_000);

  assert.equal(connection.status.state, 'online');
});

test('“retry now” does not wait, and does not connect twice', async () => {
  const { connection, server, time } = arrange();
  server.isDown = true;
  connection.start();
  await time.pass(0);
  server.isDown = false;
  connection.start();
  connection.start();
  await time.pass(20_000);

  assert.equal(connection.status.state, 'online');
  assert.equal(server.sockets.length, 1);
});

test('an attempt that is never greeted is given up', async () => {
  const { connection, server, time } = arrange();
  const open = server.open.bind(server);
  server.open = (user) => Object.assign(open(user), { hear() {} });
  connection.start();
  await time.pass(15_000);

  assert.equal(connection.status.state, 'waiting');
});

test('goodbye with a time: back exactly then', async () => {
  const { connection, server, time } = arrange();
  connection.start();
  await time.pass(0);
  server.sockets[0].hear('bye', { code: 'draining', retry: true, after_ms: 1_234 });
  assert.deepEqual(connection.status, { state: 'waiting', retryAt: time.now + 1_234 });

  await time.pass(1_234);

  assert.equal(connection.status.state, 'online');
  assert.equal(server.sockets.length, 1);
});

test('a refused connection keeps the server’s wait', async () => {
  const { connection, server, time } = arrange();
  server.refuse.set('connect', { code: 'too_many_connections', retryable: true, retry_after_ms: 9_000 });
  connection.start();
  await time.pass(0);

  assert.deepEqual(connection.status, { state: 'waiting', retryAt: time.now + 9_000 });
});

test('a connection refused for want of a session: signed out', async () => {
  const { connection, server, time } = arrange();
  server.refuse.set('connect', { code: 'unauthorized', retryable: false });
  connection.start();
  await time.pass(60_000);

  assert.equal(connection.status.state, 'signed-out');
});

for (const [code, expected] of [['unauthorized', 'signed-out'], ['token_expired', 'signed-out'], ['banned', 'refused']]) {
  test(`goodbye because of ${code}: ${expected}, and no attempt until somebody asks`, async () => {
    const { connection, server, time } = arrange();
    connection.start();
    await time.pass(0);
    server.sockets[0].hear('bye', { code, retry: false });
    await time.pass(60_000);
    assert.equal(connection.status.state, expected);

    connection.start();
    await time.pass(0);

    assert.equal(connection.status.state, 'online');
  });
}

test('a request ends with the connection, as something to try again', async () => {
  const { connection, server, time } = arrange();
  connection.start();
  await time.pass(0);
  server.isDeaf = true;
  const answer = connection.request('presence', {}, null);
  server.cut();

  assert.deepEqual([(await answer).ok, (await answer).error.code], [false, 'not_connected']);
});

test('a request without an answer ends after its time', async () => {
  const { connection, server, time } = arrange();
  connection.start();
  await time.pass(0);
  server.isDeaf = true;
  const answer = connection.request('presence', {}, 500);
  await time.pass(500);

  assert.equal((await answer).error.code, 'no_answer');
});

test('a connection that does not answer pings is dropped and made anew', async () => {
  const { connection, server, time, seen } = arrange();
  const serverClock = new ServerClock(time.clock);
  const heartbeat = new Heartbeat({ connection, timers: time.timers, serverClock, heads: () => ({}), onBehind: () => {} });
  connection.start();
  await time.pass(0);
  server.isDeaf = true;
  heartbeat.check();
  await time.pass(4_000);
  assert.equal(connection.status.state, 'waiting');
  server.isDeaf = false;

  await time.pass(1_000);

  assert.deepEqual(seen, ['connecting', 'online', 'waiting', 'connecting', 'online']);
});

test('a page that is looked at again connects at once', async () => {
  const { connection, server, time } = arrange();
  const serverClock = new ServerClock(time.clock);
  const heartbeat = new Heartbeat({ connection, timers: time.timers, serverClock, heads: () => ({}), onBehind: () => {} });
  server.isDown = true;
  connection.start();
  await time.pass(0);
  server.isDown = false;
  heartbeat.check();
  await time.pass(0);

  assert.equal(connection.status.state, 'online');
});

test('the server’s clock is known from the quickest answer', () => {
  const time = new FakeTime();
  const clock = new ServerClock(time.clock);
  clock.hear(time.now + 5_000);
  assert.equal(clock.now(), time.now + 5_000);

  clock.answer(time.now + 4_000 - 50, time.now - 100);
  clock.answer(time.now + 9_000, time.now - 900);

  assert.equal(clock.now(), time.now + 4_000);
});

test('the socket is opened with flat strings, and the page’s without a token', () => {
  const page = socketOptions({ room: 'lobby', device: 'd1', client: 'web' });
  const app = socketOptions({ room: 'lobby', device: 'd1', client: 'cli', token: 't' });

  assert.deepEqual(page.auth, { device: 'd1', client: 'web', protocol: '1' });
  assert.deepEqual(app.auth, { token: 't', device: 'd1', client: 'cli', protocol: '1' });
  assert.deepEqual([page.query, page.transports, page.reconnection], [{ room: 'lobby' }, ['websocket', 'polling'], false]);
});

test('where WebSockets are swallowed, every third attempt begins with polling', () => {
  const who = { room: 'lobby', device: 'd1', client: 'page' };
  const first = [0, 1, 2, 3, 4, 5].map((lost) => socketOptions(who, lost).transports[0]);

  assert.deepEqual(first, ['websocket', 'websocket', 'polling', 'websocket', 'websocket', 'polling']);
});

test('an attempt is told how many were lost before it', async () => {
  const { connection, server, time } = arrange();
  const lost = /** @type {number[]} */ ([]);
  server.isDown = true;
  connection.open = (lostInARow) => {
    lost.push(lostInARow);
    return server.open(ANA);
  };
  connection.start();
  await time.pass(3_000);
  server.isDown = false;
  await time.pass(10_000);
  server.cut();
  await time.pass(5_000);

  assert.deepEqual(lost, [0, 1, 2, 3, 1]);
});
