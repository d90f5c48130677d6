/**
 * A room in a page of another site, which the chat lists in `CHAT_ALLOWED_ORIGINS`: docs/clients.md shows it.
 *
 * A visitor is a guest with a token that the embedding page keeps; cookies stay out of it. The server is the one that
 * this file came from.
 */

import { Connection, Heartbeat, Room, ServerClock } from './chat/index.js';
import { ports, openSocket } from './page/browser-ports.js';
import { fetchHistory } from './page/fetch-history.js';
import { randomId } from './page/random-id.js';
import { guestOf, guestRenamed, renameGuest } from './page/visiting-guest.js';

const SERVER = new URL(import.meta.url).origin;
const AGAIN_MS = 2_000;
/** What waits for a connection waits as long as the page is open. */
const IN_MEMORY = { load: async () => [], put: async () => {}, remove: async () => {} };
/** Those of this page that have a connection; the others hear one's name with the next. @type {Set<Room>} */
const ONLINE = new Set();

/**
 * Comes in and stays, over whatever happens to the connection, until `room.connection.stop()`. Who was here before under
 * another name takes this one; a name that is taken in the room makes way for the one that the server suggests.
 *
 * @param {{room: string, name: string}} what
 * @returns {Promise<Room>} says “lines” whenever `lines()` has changed, and “status” as its connection does
 * @throws {Error} the server refuses the name, or cannot be reached
 */
export async function openRoom({ room: id, name }) {
  const { token, user } = await guestOf(SERVER, name);
  const who = { server: SERVER, room: id, device: randomId(), client: 'embedded', token };
  const connection = new Connection({ ...ports, open: (lostInARow) => openSocket(who, lostInARow) });
  const serverClock = new ServerClock(ports.clock);
  const fetched = (/** @type {import('./chat/types.js').HistoryQuestion} */ question) =>
    fetchHistory(question, { server: SERVER, token, onServerTime: (time) => serverClock.hear(time) });
  const room = new Room({ ...ports, id, connection, storage: IN_MEMORY, newId: randomId, serverClock, fetchHistory: fetched });
  room.become(user);
  takeName(user);
  connection.on('online', () => ONLINE.add(room));
  connection.on('lost', () => ONLINE.delete(room));
  room.on('status', (status) => void makeWay(room, status, token));
  stayUpToDate(room, new Heartbeat({
    ...ports, connection, serverClock, heads: () => ({ [id]: room.log.last }), onBehind: ({ head }) => room.behind(head),
  }));
  connection.start();
  return room;
}

/**
 * From now on, and in every room of this page.
 *
 * @param {string} name
 * @throws {Error} the server refuses the name, or cannot be reached
 */
export async function changeName(name) {
  takeName((await guestRenamed(SERVER, name)).user);
}

/** @param {import('./chat/types.js').User} user */
function takeName(user) {
  for (const room of ONLINE) if (room.me.name !== user.name) room.rename(user);
}

/**
 * Takes the name that is suggested; where that fails, coming in is tried again, and refused with a suggestion again.
 *
 * @param {Room} room
 * @param {import('./chat/room.js').RoomStatus} status
 * @param {string} token
 */
async function makeWay(room, status, token) {
  if (status.state !== 'refused' || status.refusal.code !== 'name_taken' || !status.refusal.suggestion) return;
  try {
    room.rename(await renameGuest(SERVER, token, status.refusal.suggestion));
  } catch {
    setTimeout(() => room.connection.status.state === 'online' && room.join(), AGAIN_MS);
  }
}

/**
 * @param {Room} room
 * @param {Heartbeat} heartbeat
 */
function stayUpToDate(room, heartbeat) {
  window.addEventListener('online', () => heartbeat.check());
  document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && heartbeat.check());
  setInterval(() => room.expire(room.serverClock.now()), 1_000);
}
