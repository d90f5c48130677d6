/** Where the chat lies, as this script was found: under a path of its host, or not; a page of another site asks there, too. */

const [, origin = '', path = ''] = /^(https?:\/\/[^/]+)(.*)\/static\//.exec(import.meta.url) ?? [];

/** What the paths of all its addresses begin with: nothing, or as in `/talk`. */
export const BASE = path;

/** The same as a whole address. */
export const SERVER = origin + path;

/** Where a room is found. @param {string} room */
export function pathOf(room) {
  return `${BASE}/chat/${encodeURIComponent(room)}`;
}

/** Where one chooses a room, with this one filled in. @param {string} room */
export function choosing(room) {
  return `${BASE}/?room=${encodeURIComponent(room)}`;
}
