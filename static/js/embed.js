/**
 * A room in a page of another site, which the chat lists in `CHAT_ALLOWED_ORIGINS`: docs/clients.md shows it.
 *
 * A visitor is a guest with a token that the embedding page keeps; cookies stay out of it. The server is the one that
 * this file came from.
 */

import { Connection, Heartbeat, Room, ServerClock } from './chat/index.js';
import { fetchHistory } from './page/browser/fetch-history.js';
import { SERVER } from './page/browser/place.js';
import { KeptNowhere, bytesFor } from './page/files/elsewhere.js';
import { toolsFor } from './page/files/tools.js';
import { ports, openSocket } from './page/browser/ports.js';
import { randomId } from './page/browser/random-id.js';
import { Refused, wordsOf } from './page/identity/session.js';
import { guestOf, guestRenamed, renameGuest } from './page/identity/visiting-guest.js';

/** @typedef {import('./chat/room.js').RoomStatus} RoomStatus */

const AGAIN_MS = 2_000;
/** A first join that takes longer is not waited for. */
const ANSWER_MS = 5_000;
/** What waits for a connection waits as long as the page is open. */
const IN_MEMORY = { load: async () => [], put: async () => {}, remove: async () => {} };
/** By the room: who asks for its files. @type {WeakMap<Room, import('./page/files/ports.js').By>} */
const ASKING = new WeakMap();
/** @type {import('./chat/types.js').Refused} */
const NOT_THERE = { ok: false, error: { code: 'not_connected', retryable: true } };
/** Those of this page that have a connection; the others hear one's name with the next. @type {Set<Room>} */
const ONLINE = new Set();

/**
 * Comes in and stays, over whatever happens to the connection, until `room.connection.stop()`. Who was here before under
 * another name takes this one; a name that is taken in the room makes way for the one that the server suggests.
 *
 * @param {{room: string, name: string}} what
 * @returns {Promise<Room>} joined; or not yet, where there is no connection or no answer for now: what is sent waits.
 *   It says “lines” whenever `lines()` has changed, and “status” whenever `status` has
 * @throws {Error} in words for people: one cannot be signed in, or the server refuses the name or the room, which is then
 *   in its `refusal`
 */
export async function openRoom({ room: id, name }) {
  const { token, user } = await inWords(guestOf(SERVER, name));
  const who = { room: id, device: randomId(), client: 'embedded', token };
  const connection = new Connection({ ...ports, open: (lostInARow) => openSocket(who, lostInARow) });
  const serverClock = new ServerClock(ports.clock);
  const fetched = fetchWhileThere({ connection, serverClock, token });
  const by = { server: SERVER, token: () => token };
  const loadFiles = async () => toolsFor({ ...by, isElsewhere: true }, KeptNowhere);
  const room = new Room({ ...ports, id, connection, storage: IN_MEMORY, newId: randomId, serverClock, fetchHistory: fetched, loadFiles });
  ASKING.set(room, by);
  room.become(user);
  takeName(user);
  connection.on('online', () => ONLINE.add(room));
  connection.on('lost', () => ONLINE.delete(room));
  room.on('status', (status) => void makeWay(room, status, token));
  const heartbeat = new Heartbeat({
    ...ports, connection, serverClock, heads: () => ({ [id]: room.log.last }), onBehind: ({ head }) => room.behind(head),
  });
  connection.start();
  await answered(room).catch((refused) => {
    connection.stop();
    throw refused;
  });
  stayUpToDate(room, heartbeat);
  return room;
}

export { fileFrom } from './page/files/elsewhere.js';

/**
 * The bytes of a file of a message: one's own at once, others' from the server.
 *
 * @param {Room} room
 * @param {import('./chat/types.js').Upload} upload one of a line's `body.uploads`
 * @param {number} [thumb] of a picture, one of its `thumbs`
 * @returns {Promise<Blob>}
 * @throws {Refused | TypeError} it is gone, say; or the server cannot be reached
 */
export function bytesOf(room, upload, thumb) {
  const by = ASKING.get(room);
  if (!by) throw new TypeError('This room was not opened here.');
  return bytesFor(by, room, upload, thumb);
}

/**
 * From now on, and in every room of this page.
 *
 * @param {string} name
 * @throws {Error} the server refuses the name, or cannot be reached
 */
export async function changeName(name) {
  takeName((await inWords(guestRenamed(SERVER, name))).user);
}

/** @param {import('./chat/types.js').User} user */
function takeName(user) {
  for (const room of ONLINE) if (room.me.name !== user.name) room.rename(user);
}

/**
 * @template T
 * @param {Promise<T>} signingIn
 * @returns {Promise<T>}
 * @throws {Error}
 */
async function inWords(signingIn) {
  try {
    return await signingIn;
  } catch (error) {
    throw error instanceof Refused ? error : new Error(wordsOf(error), { cause: error });
  }
}

/**
 * A room that was left, or has refused, is not asked for what is in it.
 *
 * @param {{connection: Connection, serverClock: ServerClock, token: string}} by
 * @returns {import('./chat/types.js').FetchHistory}
 */
function fetchWhileThere({ connection, serverClock, token }) {
  const how = { server: SERVER, token, onServerTime: (/** @type {number} */ time) => serverClock.hear(time) };
  return async (question) => (connection.status.state === 'idle' ? NOT_THERE : fetchHistory(question, how));
}

/**
 * Waits for the first join, or until it is clear that it takes longer.
 *
 * @param {Room} room
 * @returns {Promise<void>}
 * @throws {Refused} for good
 */
function answered(room) {
  return new Promise((resolve, reject) => {
    const look = () => {
      const refusal = refusalOf(room);
      if (refusal) reject(new Refused(refusal));
      else if (room.status.state === 'joined' || room.connection.status.state === 'waiting') resolve();
    };
    room.on('status', look);
    room.connection.on('status', look);
    setTimeout(resolve, ANSWER_MS);
  });
}

/** Why one does not come in, whatever one waits for. @param {Room} room @returns {import('./chat/types.js').Refusal | null} */
function refusalOf({ status, connection }) {
  if (connection.status.state === 'signed-out') return { code: 'signed_out', retryable: false };
  if (connection.status.state === 'refused') return { code: connection.status.code, retryable: false };
  return status.state === 'refused' && suggestionIn(status) === null ? status.refusal : null;
}

/** The name to make way with. @param {RoomStatus} status */
function suggestionIn(status) {
  return status.state === 'refused' && status.refusal.code === 'name_taken' ? status.refusal.suggestion ?? null : null;
}

/**
 * Takes the name that is suggested; where that fails, coming in is tried again, and refused with a suggestion again.
 *
 * @param {Room} room
 * @param {RoomStatus} status
 * @param {string} token
 */
async function makeWay(room, status, token) {
  const suggestion = suggestionIn(status);
  if (suggestion === null) return;
  try {
    room.rename(await renameGuest(SERVER, token, suggestion));
  } catch {
    setTimeout(() => room.connection.status.state === 'online' && room.join(), AGAIN_MS);
  }
}

/**
 * @param {Room} room
 * @param {Heartbeat} heartbeat
 */
function stayUpToDate(room, heartbeat) {
  window.addEventListener('pagehide', () => room.flush());
  window.addEventListener('online', () => heartbeat.check());
  document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && heartbeat.check());
  setInterval(() => room.expire(room.serverClock.now()), 1_000);
}
