/** Who has reacted to a message, asked for when one wants to know. */

import { closesOnBackdrop, showDialog } from '../dom/dialog.js';
import { element, part } from '../dom/element.js';
import { namesOf, nodesOf } from '../text/language.js';

/** As many as the server names. */
const MOST_NAMED = 100;

let isListening = false;

/**
 * @typedef {{emoji: string, count: number, users: {id: string, name: string}[]}} Reacted
 *
 * @param {import('../timeline/row-tools.js').MessageLine} line
 * @param {import('./ports.js').ActionPorts} ports
 */
export async function openReacted({ seq }, { room, onProblem }) {
  const dialog = part('reacted', HTMLDialogElement);
  const list = part('reacted-list', HTMLElement);
  list.replaceChildren(element('li', { class: 'reacted-wait' }, 'Asking…'));
  if (!isListening) closesOnBackdrop(dialog);
  isListening = true;
  showDialog(dialog);
  const ack = seq === null ? null : await room.reactions(seq);
  if (ack?.ok) return list.replaceChildren(...ack.reactions.map(rowOf));
  dialog.close();
  onProblem('Who has reacted could not be asked. Please try again.');
}

/** @param {Reacted} reacted */
function rowOf({ emoji, count, users }) {
  const others = Math.max(0, count - Math.min(users.length, MOST_NAMED));
  const names = nodesOf(namesOf(users));
  return element(
    'li', { class: 'reacted-row' }, element('span', { class: 'reacted-emoji', translate: 'no' }, emoji),
    element('span', {}, ...names, ...(others > 0 ? [` and ${others} more`] : [])),
  );
}
