/** What the protocol's client needs of a browser: time, chance, timers and a socket. */

import { io } from '../../vendor/socket.io.esm.min.js';

import { socketOptions } from '../chat/index.js';

export const ports = {
  clock: () => Date.now(),
  random: () => Math.random(),
  timers: {
    start: (/** @type {number} */ ms, /** @type {() => void} */ ring) => setTimeout(ring, ms),
    stop: (/** @type {ReturnType<typeof setTimeout>} */ timer) => clearTimeout(timer),
  },
};

/**
 * Signed in by the page's cookie, which scripts cannot read: there is no token here.
 *
 * @param {string} room
 * @param {string} device
 * @param {number} lostInARow
 * @returns {import('../chat/types.js').Socket}
 */
export function openSocket(room, device, lostInARow) {
  return io('/chat', socketOptions({ room, device, client: 'page' }, lostInARow));
}
