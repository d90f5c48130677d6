/** A request of one's own, with one's token or the page's cookie. */

/**
 * @param {{server: string, token: () => string | null}} by
 * @param {string} method
 * @param {string} path
 */
export function ask({ server, token }, method, path) {
  const bearer = token();
  const headers = /** @type {Record<string, string>} */ (bearer === null ? {} : { authorization: `Bearer ${bearer}` });
  return fetch(server + path, { method, headers, credentials: bearer === null ? 'same-origin' : 'omit' });
}
