/**
 * Signing out, which leaves nothing of what one wrote in this browser. What waits to be sent would be lost,
 * so that is asked about first.
 */

import { part, setText } from './element.js';
import { forgetAll } from './left-behind.js';
import { unsentCount } from './outbox-database.js';
import { Refused, signOut } from './session.js';
import { plural } from './times.js';

const SIGNED_OUT_BEFORE = new Set(['unauthorized', 'token_expired']);

/** @returns {Promise<boolean>} whether one is signed out; an error when the server was not reached */
export async function signOutHere() {
  const count = await unsentCount();
  if (count > 0 && !(await mayDiscard(count))) return false;
  try {
    await signOut();
  } catch (error) {
    if (!(error instanceof Refused && SIGNED_OUT_BEFORE.has(error.refusal.code))) throw error;
  }
  await forgetAll();
  return true;
}

/** @param {number} count @returns {Promise<boolean>} */
function mayDiscard(count) {
  const dialog = part('sign-out-dialog', HTMLDialogElement);
  setText(part('sign-out-words', HTMLElement), `${plural(count, 'message')} ${count === 1 ? 'is' : 'are'} not sent yet. Signing out discards what waits here.`);
  dialog.returnValue = '';
  dialog.showModal();
  return new Promise((resolve) => dialog.addEventListener('close', () => resolve(dialog.returnValue === 'discard'), { once: true }));
}
