/**
 * The chat protocol's client: no DOM, no storage and no clock of its own.
 *
 * A `Connection` holds the socket, a `Room` what is in a room, a `Heartbeat` keeps both honest. The
 * machines below them (`RoomLog`, `Outbox`, `Presence`, `Reconnect`) are pure and held to the shared
 * test vectors.
 */

export { Connection } from './connection/connection.js';
export { Heartbeat } from './connection/heartbeat.js';
export { Outbox } from './messages/outbox.js';
export { Presence } from './attendance/presence.js';
export { Reconnect } from './connection/reconnect.js';
export { Room } from './room.js';
export { RoomLog } from './messages/log.js';
export { ServerClock } from './timing/server-clock.js';
export { socketOptions } from './connection/socket-options.js';
