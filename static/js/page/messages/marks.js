/**
 * What stands below a text: that it was changed, and what others think of it. A reaction is a button that joins in, or
 * takes one's own back; how many there are is beside it.
 *
 * @typedef {{emoji: string, count: number}} Reaction
 * @typedef {{edited: number | null, reactions: Reaction[], mine: string[], canReact: boolean}} Marks
 *   `edited`: when; `mine`: the emoji of one's own
 */

import { element } from '../dom/element.js';
import { plural } from '../text/times.js';

/**
 * @param {Marks} marks
 * @param {(ts: number) => string} exactTime
 * @returns {HTMLElement[]} none or one
 */
export function marksOf({ edited, reactions, mine, canReact }, exactTime) {
  if (edited === null && reactions.length === 0) return [];
  const parts = [
    ...(edited === null ? [] : [editedMark(exactTime(edited))]),
    ...reactions.map((reaction) => reactionButton(reaction, { isMine: mine.includes(reaction.emoji), canReact })),
    ...(canReact && reactions.length > 0 ? [moreButton()] : []),
  ];
  return [element('div', { class: 'message-marks' }, ...parts)];
}

/** @param {string} exact */
function editedMark(exact) {
  return element('span', { class: 'message-edited', 'data-testid': 'message-edited', title: `Edited ${exact}` }, 'edited');
}

/**
 * @param {Reaction} reaction
 * @param {{isMine: boolean, canReact: boolean}} how
 */
function reactionButton({ emoji, count }, { isMine, canReact }) {
  const attributes = {
    type: 'button', class: 'reaction', 'data-testid': 'reaction', 'data-emoji': emoji, tabindex: -1, disabled: !canReact,
    'aria-pressed': String(isMine), 'aria-label': `${emoji} ${plural(count, 'reaction')}`,
  };
  const shown = element('span', { class: 'reaction-emoji', translate: 'no' }, emoji);
  return element('button', attributes, shown, element('span', { class: 'reaction-count' }, String(count)));
}

function moreButton() {
  const attributes = { type: 'button', class: 'reaction', 'data-act': 'react', tabindex: -1, 'aria-label': 'Add a reaction', title: 'Add a reaction' };
  return element('button', attributes, '+');
}
