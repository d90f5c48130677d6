/**
 * The chat protocol's client: no DOM, no storage and no clock of its own.
 *
 * A `Connection` holds the socket, a `Room` what is in a room, a `Heartbeat` keeps both honest. The
 * machines below them (`RoomLog`, `Outbox`, `Presence`, `Reconnect`) are pure and held to the shared
 * test vectors.
 */

export { Connection } from './connection.js';
export { Heartbeat } from './heartbeat.js';
export { Outbox } from './outbox.js';
export { Presence } from './presence.js';
export { Reconnect } from './reconnect.js';
export { Room } from './room.js';
export { RoomLog } from './log.js';
export { ServerClock } from './server-clock.js';
export { socketOptions } from './socket-options.js';
