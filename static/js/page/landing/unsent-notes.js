/**
 * What a room did not get waits in this browser until one opens that room again: the list of rooms says in which ones.
 */

import { BASE } from '../browser/place.js';
import { element, part } from '../dom/element.js';
import { unsentByRoom } from '../storage/unsent.js';
import { linkTo } from './visited-rooms.js';

export async function showUnsent() {
  const list = part('visited-rooms', HTMLElement);
  for (const [room, count] of await unsentByRoom()) {
    const link = linkIn(list, room) ?? addLink(list, room);
    link.append(element('span', { class: 'room-row-note' }, `${count} not sent`));
    part('visited', HTMLElement).hidden = false;
  }
}

/**
 * @param {HTMLElement} list
 * @param {string} room
 */
function linkIn(list, room) {
  return [...list.querySelectorAll('a')].find((link) => decodeURIComponent(link.pathname) === `${BASE}/chat/${room}`);
}

/**
 * One may have written there without ever having come in.
 *
 * @param {HTMLElement} list
 * @param {string} room
 */
function addLink(list, room) {
  const link = linkTo({ id: room, unread: 0 });
  list.append(element('li', {}, link));
  return link;
}
