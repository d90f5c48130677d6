/** How much is unread in a room, beside its name. */

import { element } from '../dom/element.js';
import { countOf } from '../reading/unread.js';

/** @param {number} unread @returns {HTMLElement[]} none, where there is nothing */
export function unreadBadge(unread) {
  if (unread === 0) return [];
  return [element('span', { class: 'unread-badge' }, countOf(unread), element('span', { class: 'visually-hidden' }, ' unread'))];
}
