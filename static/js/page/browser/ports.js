/** What the protocol's client needs of a browser: time, chance, timers and a socket. */

import { socketOptions } from '../../chat/index.js';
import { ComingSocket } from './coming-socket.js';
import { BASE, SERVER } from './place.js';

export const ports = {
  clock: () => Date.now(),
  random: () => Math.random(),
  timers: {
    start: (/** @type {number} */ ms, /** @type {() => void} */ ring) => setTimeout(ring, ms),
    stop: (/** @type {ReturnType<typeof setTimeout>} */ timer) => clearTimeout(timer),
  },
};

/**
 * The chat's own page is signed in by its cookie, which scripts cannot read: without a token, if cookies are kept.
 *
 * @param {Parameters<typeof socketOptions>[0]} who
 * @param {number} lostInARow
 * @returns {import('../../chat/types.js').Socket}
 */
export function openSocket(who, lostInARow) {
  return new ComingSocket((io) => io(new URL('/chat', SERVER).href, { ...socketOptions(who, lostInARow), path: `${BASE}/socket.io` }));
}
