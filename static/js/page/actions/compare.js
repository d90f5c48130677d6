/**
 * Two texts for one message: what one has made of it, and what was made of it meanwhile, on another device. One sees both
 * and chooses.
 *
 * @typedef {import('../timeline/row-tools.js').MessageLine} MessageLine
 * @typedef {import('./ports.js').ActionPorts} ActionPorts
 */

import { showDialog } from '../dom/dialog.js';
import { part, setText } from '../dom/element.js';

/**
 * @param {MessageLine} line
 * @param {ActionPorts} ports
 */
export function compare(line, ports) {
  const dialog = part('compare', HTMLDialogElement);
  const { change } = line;
  if (!change) return;
  const mine = change.content ?? '';
  setText(part('compare-now', HTMLElement), line.content);
  setText(part('compare-mine', HTMLElement), mine);
  dialog.returnValue = '';
  dialog.onclose = () => {
    const choice = dialog.returnValue;
    if (choice === 'mine') ports.room.retry(change.clientId);
    if (choice === 'now' || choice === 'edit') ports.room.discard(change.clientId);
    if (choice === 'edit') ports.edit(line, mine);
  };
  showDialog(dialog);
}
