/** Who one is, asked until there is an answer: a server that restarts is no reason to be asked for a name again. */

import { whoAmI } from './session.js';

const LONGEST_MS = 8_000;

/** @returns {Promise<import('./session.js').User | null>} nobody: not signed in */
export async function knownUser() {
  for (let wait = 500; ; wait = Math.min(LONGEST_MS, wait * 2)) {
    try {
      return await whoAmI();
    } catch {
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }
}
