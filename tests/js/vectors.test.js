/** The page's machines keep every promise of the shared vectors. */

import { Presence } from '../../static/js/chat/attendance/presence.js';
import { Reconnect } from '../../static/js/chat/connection/reconnect.js';
import { RoomLog } from '../../static/js/chat/messages/log.js';
import { Outbox } from '../../static/js/chat/messages/outbox.js';
import { runVectors } from './vectors.js';

for (const name of ['log', 'jumps', 'changes']) {
  runVectors(name, {
    create: () => new RoomLog(),
    handle: (log, input) => log.handle(input),
    stateOf: (log) => ({
      stream: log.stream,
      last: log.last,
      pending: log.pending,
      rows: log.rows().map(rowInShort),
      start: log.start,
      catching_up: log.catchingUp,
      told: toldOf(log),
      mine: mineOf(log),
      kept: log.keptChanges,
    }),
  });
}

for (const name of ['outbox', 'outbox-changes', 'outbox-files']) {
  runVectors(name, {
    create: () => new Outbox(),
    handle: (outbox, input) => outbox.handle(asHere(input)),
    stateOf: (outbox) => ({
      entries: outbox.entries.map((entry) => [entry.client_id, entry.state]),
      contents: Object.fromEntries(outbox.entries.map((entry) => [entry.client_id, entry.content])),
      reactions: outbox.reactions.map((entry) => [entry.client_id, entry.target?.seq, entry.emoji, entry.on, entry.state]),
      in_flight: outbox.inFlight,
      ready: outbox.isReady,
    }),
  });
}

runVectors('presence', {
  create: () => new Presence(),
  handle: (presence, input) => presence.handle(input),
  stateOf: (presence) => ({
    v: presence.v,
    users: presence.users.map((user) => user.id),
    count: presence.count,
  }),
});

runVectors('reconnect', {
  create: () => new Reconnect(),
  handle: (reconnect, input) => reconnect.handle(input),
  stateOf: (reconnect) => ({ attempt: reconnect.attempt }),
});

/** What is said of a file, by the names that it has here. @param {any} input */
function asHere(input) {
  return JSON.parse(JSON.stringify(input).replaceAll('"is_there":', '"isThere":'));
}

/** @param {import('../../static/js/chat/messages/rows.js').Row} row */
function rowInShort(row) {
  if (row.kind === 'event') return row.event.seq;
  return row.kind === 'gap' ? { gap: [row.from, row.to] } : row.kind;
}

/** @param {RoomLog} log */
function heldBy(log) {
  return log.rows().flatMap((row) => (row.kind === 'event' ? [row] : []));
}

/** What is more than was said at first. @param {RoomLog} log */
function toldOf(log) {
  const told = heldBy(log).filter(({ event }) => event.rev !== undefined || Object.keys(event.body).join() !== 'content');
  return Object.fromEntries(told.map(({ event: { seq, rev, body } }) => [seq, { ...(rev === undefined ? {} : { rev }), body }]));
}

/** @param {RoomLog} log */
function mineOf(log) {
  return Object.fromEntries(heldBy(log).flatMap(({ event, mine }) => (mine.length > 0 ? [[event.seq, mine]] : [])));
}
