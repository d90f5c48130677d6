/**
 * A guest at a page of another site: the chat's cookie is not for that page, so it keeps the token itself.
 *
 * @typedef {import('../chat/types.js').User} User
 * @typedef {{token: string, user: User}} Guest
 */

/**
 * Whoever was here before, or somebody new.
 *
 * @param {string} server
 * @param {string} name
 * @returns {Promise<Guest>}
 */
export async function guestOf(server, name) {
  const known = kept(server);
  const answer = known === null ? null : await ask(server, known, 'GET');
  if (known !== null && answer?.ok) return { token: known, user: answer.user };
  const { token, user } = expectOk(await ask(server, null, 'POST', { name }));
  keep(server, token);
  return { token, user };
}

/**
 * @param {string} server
 * @param {string} token
 * @param {string} name
 * @returns {Promise<User>}
 */
export async function renameGuest(server, token, name) {
  return expectOk(await ask(server, token, 'POST', { name })).user;
}

/**
 * @param {string} server
 * @param {string | null} token
 * @param {string} method
 * @param {object} [body]
 * @returns {Promise<any>} a refusal as it was told, too
 */
async function ask(server, token, method, body) {
  const headers = { 'content-type': 'application/json', ...(token === null ? {} : { authorization: `Bearer ${token}` }) };
  const response = await fetch(`${server}/api/session`, { method, headers, credentials: 'omit', body: body && JSON.stringify(body) });
  return response.json();
}

/** @param {any} answer */
function expectOk(answer) {
  if (!answer.ok) throw new Error(answer.error.message);
  return answer;
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
