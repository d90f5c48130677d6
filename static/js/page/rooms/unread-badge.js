/** How much is unread in a room, and how often one was called there, beside its name. */

import { element } from '../dom/element.js';
import { countOf } from '../reading/unread.js';

/** @param {number} unread @param {number} mentions @returns {HTMLElement[]} none, where there is nothing */
export function unreadBadges(unread, mentions) {
  return [
    ...(mentions > 0 ? [badge(`@${countOf(mentions)}`, ' mentions', 'unread-badge mention-badge')] : []),
    ...(unread > 0 ? [badge(countOf(unread), ' unread', 'unread-badge')] : []),
  ];
}

/** @param {string} count @param {string} words @param {string} className */
function badge(count, words, className) {
  return element('span', { class: className }, count, element('span', { class: 'visually-hidden' }, words));
}
