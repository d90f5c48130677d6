/**
 * Signing out, which leaves nothing of what one wrote in this browser. There is no password to come back with, and
 * what waits to be sent is lost: so that is asked about first.
 */

import { showDialog } from '../dom/dialog.js';
import { part, properName, setText } from '../dom/element.js';
import { forgetAll, unsent } from '../storage/unsent.js';
import { Refused, signOut } from './session.js';
import { unsentWords } from './unsent-words.js';

const SIGNED_OUT_BEFORE = new Set(['unauthorized', 'token_expired']);

/**
 * @param {string} name
 * @param {number} [unkept] messages that wait on this page alone
 * @returns {Promise<boolean>} whether one is signed out; an error when the server was not reached
 */
export async function signOutHere(name, unkept = 0) {
  const waiting = await unsent();
  const lost = unsentWords({ ...waiting, messages: waiting.messages + unkept });
  if (!(await isMeant(name, lost))) return false;
  try {
    await signOut();
  } catch (error) {
    if (!(error instanceof Refused && SIGNED_OUT_BEFORE.has(error.refusal.code))) throw error;
  }
  await forgetAll();
  return true;
}

/**
 * @param {string} name
 * @param {string} lost what waits here, in words
 * @returns {Promise<boolean>}
 */
function isMeant(name, lost) {
  const dialog = part('sign-out-dialog', HTMLDialogElement);
  part('sign-out-title', HTMLElement).replaceChildren('Sign out as ', properName(name), '?');
  part('sign-out-words', HTMLElement).replaceChildren(
    'You cannot come back as this ', properName(name),
    `: your messages stay until they expire, and your list of rooms is forgotten here.${lost && ` ${lost} Signing out discards what waits here.`}`,
  );
  setText(part('sign-out-submit', HTMLButtonElement), lost ? 'Discard and sign out' : 'Sign out');
  dialog.returnValue = '';
  showDialog(dialog);
  return new Promise((resolve) => dialog.addEventListener('close', () => resolve(dialog.returnValue === 'sign-out'), { once: true }));
}
