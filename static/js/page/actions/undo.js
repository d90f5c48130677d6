/**
 * A message is deleted without a question, and can be had back for five seconds: nothing has been told to anybody until then.
 *
 * @typedef {import('./ports.js').MessageLine} MessageLine
 * @typedef {import('./ports.js').ActionPorts} ActionPorts
 */

import { button, element } from '../dom/element.js';
import { note, unsay } from './note.js';

const FOR_MS = 5_000;

/** Those that can still be had back, the newest last. @type {{clientId: string, seq: number | null, until: number}[]} */
let deletions = [];

/**
 * @param {MessageLine} line
 * @param {ActionPorts} ports
 */
export function deleteWithUndo({ seq, clientId: of }, ports) {
  const clientId = ports.room.delete(seq ?? of ?? '');
  if (clientId === null) return note('Message deleted', FOR_MS); // it was never sent
  deletions.push({ clientId, seq, until: performance.now() + FOR_MS });
  offer(ports);
}

/** The newest, as long as it can be had back. @param {ActionPorts} ports */
function offer(ports) {
  const now = performance.now();
  deletions = deletions.filter(({ until }) => until > now);
  const last = deletions.at(-1);
  if (!last) return unsay();
  const left = last.until - now;
  const bar = element('span', { class: 'note-time', 'aria-hidden': 'true' });
  bar.style.animationDuration = `${FOR_MS}ms`;
  bar.style.animationDelay = `${left - FOR_MS}ms`;
  note('Message deleted', left, [button('Undo', 'link-button', () => undo(ports)), bar]);
}

/** @param {ActionPorts} ports */
function undo(ports) {
  const last = deletions.pop();
  if (!last) return;
  ports.room.undo(last.clientId);
  offer(ports);
  if (last.seq !== null) ports.rowOf(last.seq)?.focus({ preventScroll: true });
}
