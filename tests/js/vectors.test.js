/** The page's machines keep every promise of the shared vectors. */

import { Presence } from '../../static/js/chat/attendance/presence.js';
import { Reconnect } from '../../static/js/chat/connection/reconnect.js';
import { RoomLog } from '../../static/js/chat/messages/log.js';
import { Outbox } from '../../static/js/chat/messages/outbox.js';
import { runVectors } from './vectors.js';

runVectors('log', {
  create: () => new RoomLog(),
  handle: (log, input) => log.handle(input),
  stateOf: (log) => ({
    stream: log.stream,
    last: log.last,
    pending: log.pending,
    rows: log.rows().map(rowInShort),
    start: log.start,
    catching_up: log.catchingUp,
  }),
});

runVectors('outbox', {
  create: () => new Outbox(),
  handle: (outbox, input) => outbox.handle(input),
  stateOf: (outbox) => ({
    entries: outbox.entries.map((entry) => [entry.client_id, entry.state]),
    in_flight: outbox.inFlight,
    ready: outbox.isReady,
  }),
});

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

/** @param {import('../../static/js/chat/messages/rows.js').Row} row */
function rowInShort(row) {
  if (row.kind === 'event') return row.event.seq;
  return row.kind === 'gap' ? { gap: [row.from, row.to] } : row.kind;
}
