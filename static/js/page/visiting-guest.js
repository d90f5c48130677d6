/**
 * A guest at a page of another site: the chat's cookie is not for that page, so it keeps the token itself.
 *
 * @typedef {import('../chat/types.js').User} User
 * @typedef {{token: string, user: User}} Guest
 */

import { ask, signedIn } from './session.js';

/**
 * Whoever was here before, or somebody new.
 *
 * @param {string} server
 * @param {string} name
 * @returns {Promise<Guest>}
 * @throws {import('./session.js').Refused}
 */
export async function guestOf(server, name) {
  const known = kept(server);
  const user = known === null ? null : await signedIn({ server, token: known });
  if (known !== null && user !== null) return { token: known, user };
  const guest = await ask('POST', '/api/session', { name }, { server, token: null });
  keep(server, guest.token);
  return guest;
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

/** @param {string} server */
function kept(server) {
  try {
    return localStorage.getItem(`chat:${server}`);
  } catch {
    return null;
  }
}

/**
 * @param {string} server
 * @param {string} token
 */
function keep(server, token) {
  try {
    localStorage.setItem(`chat:${server}`, token);
  } catch {
    // Storage is switched off: one is somebody new the next time.
  }
}
