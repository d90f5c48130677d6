/**
 * A guest at a page of another site: the chat's cookie is not for that page, so it keeps the token itself.
 *
 * @typedef {import('../../chat/types.js').User} User
 * @typedef {{token: string, user: User}} Guest
 */

import { keepItem, keptItem } from '../browser/browser-storage.js';
import { ask, signedIn } from './session.js';

/** Who waits for another tab's sign-in for longer signs in without it. */
const LOCK_MS = 10_000;
/** The newest sign-in of this page at each server. @type {Map<string, Promise<unknown>>} */
const SIGN_INS = new Map();
/** What storage does not take is known as long as the page is open. @type {Map<string, string>} */
const IN_MEMORY = new Map();

/**
 * Whoever was here before, or somebody new: one guest of a site and browser, however many rooms and tabs open at once.
 *
 * Whoever was here under another name takes this one; but not who was asked to come in under it before: if they have
 * another one since, they have made way, and would be renamed back and forth at each visit.
 *
 * @param {string} server
 * @param {string} name
 * @returns {Promise<Guest>}
 * @throws {import('./session.js').Refused}
 */
export function guestOf(server, name) {
  return inTurn(server, () => comeIn(server, name, kept(askedAt(server))));
}

/**
 * The same under a new name, whatever was asked for before.
 *
 * @param {string} server
 * @param {string} name
 * @returns {Promise<Guest>}
 * @throws {import('./session.js').Refused}
 */
export function guestRenamed(server, name) {
  return inTurn(server, () => comeIn(server, name, null));
}

/**
 * @param {string} server
 * @param {string} token
 * @param {string} name
 * @returns {Promise<User>}
 * @throws {import('./session.js').Refused}
 */
export async function renameGuest(server, token, name) {
  return (await ask('POST', '/api/session', { name }, { server, token })).user;
}

/**
 * @param {string} server
 * @param {string} name
 * @param {string | null} askedBefore
 * @returns {Promise<Guest>}
 */
async function comeIn(server, name, askedBefore) {
  const known = await comeBack(server, name, askedBefore);
  const guest = known ?? await ask('POST', '/api/session', { name }, { server, token: null });
  keep(tokenAt(server), guest.token);
  keep(askedAt(server), name);
  return guest;
}

/**
 * @param {string} server
 * @param {string} name
 * @param {string | null} askedBefore
 * @returns {Promise<Guest | null>}
 */
async function comeBack(server, name, askedBefore) {
  const token = kept(tokenAt(server));
  const user = token === null ? null : await signedIn({ server, token });
  if (token === null || user === null) return null;
  const keepsName = user.name === name || askedBefore === name;
  return { token, user: keepsName ? user : await renameGuest(server, token, name) };
}

/**
 * One after the other: the second finds whom the first has made.
 *
 * @template T
 * @param {string} server
 * @param {() => Promise<T>} signIn
 * @returns {Promise<T>}
 */
function inTurn(server, signIn) {
  const locked = async () => {
    const release = await lock(tokenAt(server));
    return signIn().finally(release);
  };
  const mine = (SIGN_INS.get(server) ?? Promise.resolve()).then(locked, locked);
  SIGN_INS.set(server, mine);
  return mine;
}

/**
 * Keeps other tabs waiting. Plain http has no locks, and where storage is switched off they are refused: it goes without.
 *
 * @param {string} name
 * @returns {Promise<() => void>} lets them go on
 */
function lock(name) {
  return new Promise((resolve) => {
    const hold = () => new Promise((release) => resolve(() => release(undefined)));
    const none = () => resolve(() => {});
    if (!navigator.locks) return none();
    navigator.locks.request(name, { signal: AbortSignal.timeout(LOCK_MS) }, hold).catch(none);
  });
}

/** @param {string} server */
function tokenAt(server) {
  return `chat:${server}`;
}

/** @param {string} server */
function askedAt(server) {
  return `chat:${server}:name`;
}

/** @param {string} key */
function kept(key) {
  return keptItem(key) ?? IN_MEMORY.get(key) ?? null;
}

/**
 * @param {string} key
 * @param {string} value
 */
function keep(key, value) {
  // Where storage is full or switched off, one is somebody new the next time.
  if (!keepItem(key, value)) IN_MEMORY.set(key, value);
}
