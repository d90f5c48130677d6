/** Where a file is found, and its smaller pictures. */

import { BASE } from '../browser/place.js';

/** @param {string} id @param {number} [thumb] of a picture, one that there is */
export function addressOf(id, thumb) {
  return `${BASE}/files/${id}${thumb ? `/${thumb}` : ''}`;
}
