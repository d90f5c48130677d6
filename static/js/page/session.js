/**
 * Who one is: a guest with a name, known to the server by a cookie that scripts cannot read.
 *
 * @typedef {import('../chat/types.js').User} User
 * @typedef {import('../chat/types.js').Refusal} Refusal
 * @typedef {{id: string, head: number, read: number, unread: number}} VisitedRoom
 * @typedef {{server: string, token: string | null}} Elsewhere a page of another site keeps a token instead of a cookie
 */

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

/** Signs in, or changes the name of who is signed in. @param {string} name @returns {Promise<User>} */
export async function signIn(name) {
  return (await ask('POST', '/api/session', { name })).user;
}

export async function signOut() {
  await ask('DELETE', '/api/session');
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
  const response = await fetch((from?.server ?? '') + path, {
    method,
    credentials: from ? 'omit' : 'same-origin',
    headers: {
      accept: 'application/json', ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(from?.token ? { authorization: `Bearer ${from.token}` } : {}),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const answer = response.status === 204 ? {} : await response.json();
  if (!response.ok) throw new Refused(answer.error ?? { code: 'internal', retryable: true });
  return answer;
}
