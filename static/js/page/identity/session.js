/**
 * Who one is: a guest with a name, known to the server by a cookie that scripts cannot read.
 *
 * @typedef {import('../../chat/types.js').User} User
 * @typedef {import('../../chat/types.js').Refusal} Refusal
 * @typedef {{id: string, head: number, read: number, unread: number, mentions?: number}} VisitedRoom
 * @typedef {{server: string, token: string | null}} Elsewhere a page of another site keeps a token instead of a cookie
 */

import { BASE } from '../browser/place.js';

/** Where the browser keeps no cookie one is signed in by token, for as long as the page is open. */
const VISIT = { token: /** @type {string | null} */ (null), signIns: 0 };

const PROBE = 'chat_keeps_cookies';

/** A refusal of the server, in its words. */
export class Refused extends Error {
  /** @param {Refusal} refusal */
  constructor(refusal) {
    super(refusal.message ?? 'The server refused.');
    this.refusal = refusal;
  }
}

/**
 * What one is told about a request that failed.
 *
 * @param {unknown} error
 * @param {string} [unreached]
 */
export function wordsOf(error, unreached = 'The server cannot be reached. Please try again.') {
  return error instanceof Refused ? error.message : unreached;
}

/** @returns {Promise<User | null>} nobody: not signed in; without a cookie there is nothing to ask */
export async function whoAmI() {
  return 'showsCookie' in document.body.dataset ? signedIn() : null;
}

/** @param {Elsewhere} [from] @returns {Promise<User | null>} */
export async function signedIn(from) {
  try {
    return (await ask('GET', '/api/session', undefined, from)).user;
  } catch (error) {
    if (error instanceof Refused && (error.refusal.code === 'unauthorized' || error.refusal.code === 'token_expired')) return null;
    throw error;
  }
}

/**
 * Signs in, or changes the name of who is signed in.
 *
 * A second time in one visit, it may be that the first one's cookie was not kept: then it is asked whether this one was.
 *
 * @param {string} name
 * @returns {Promise<User>}
 */
export async function signIn(name) {
  const { user, token } = await ask('POST', '/api/session', { name });
  const isFirst = VISIT.signIns === 0;
  VISIT.signIns += 1;
  if (VISIT.token === null && !(keepsCookies() && (isFirst || (await signedIn()) !== null))) VISIT.token = token;
  return user;
}

export async function signOut() {
  await ask('DELETE', '/api/session');
  VISIT.token = null;
}

/** What opens the socket, where no cookie does. */
export function visitToken() {
  return VISIT.token;
}

/** Whether one is known again at the next visit. `navigator.cookieEnabled` says so too where they are blocked for a site. */
export function keepsCookies() {
  document.cookie = `${PROBE}=1; Max-Age=5; SameSite=Strict`;
  const isKept = document.cookie.includes(PROBE);
  document.cookie = `${PROBE}=; Max-Age=0; SameSite=Strict`;
  return isKept;
}

/** @returns {Promise<VisitedRoom[]>} */
export async function visitedRooms() {
  return ask('GET', '/api/rooms');
}

/**
 * @param {string} method
 * @param {string} path
 * @param {unknown} [body]
 * @param {Elsewhere} [from]
 * @returns {Promise<any>}
 * @throws {Refused}
 */
export async function ask(method, path, body, from) {
  const token = from ? from.token : VISIT.token;
  const response = await fetch((from?.server ?? BASE) + path, {
    method,
    credentials: from ? 'omit' : 'same-origin',
    headers: {
      accept: 'application/json', ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(token ? { authorization: `Bearer ${token}` } : {}),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const answer = response.status === 204 ? {} : await response.json();
  if (!response.ok) throw new Refused(answer.error ?? { code: 'internal', retryable: true });
  return answer;
}
