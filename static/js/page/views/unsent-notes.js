/**
 * What a room did not get waits in this browser until one opens that room again: the list of rooms says in which ones.
 */

import { element, part } from '../element.js';
import { done, openDatabase, outboxOf } from '../outbox-database.js';
import { pathOf } from '../room-names.js';

export async function showUnsent() {
  const list = part('visited-rooms', HTMLElement);
  for (const [room, count] of await unsentByRoom()) {
    const link = linkIn(list, room) ?? addLink(list, room);
    link.append(element('span', { class: 'room-row-note' }, `${count} not sent`));
    part('visited', HTMLElement).hidden = false;
  }
}

/** @returns {Promise<Map<string, number>>} none where there is no storage */
async function unsentByRoom() {
  const counts = /** @type {Map<string, number>} */ (new Map());
  try {
    const waiting = await done(outboxOf(await openDatabase(), 'readonly').getAll());
    for (const { room } of waiting) counts.set(room, (counts.get(room) ?? 0) + 1);
  } catch {
    // Then nothing waits.
  }
  return counts;
}

/**
 * @param {HTMLElement} list
 * @param {string} room
 */
function linkIn(list, room) {
  return [...list.querySelectorAll('a')].find((link) => decodeURIComponent(link.pathname) === `/chat/${room}`);
}

/**
 * One may have written there without ever having come in.
 *
 * @param {HTMLElement} list
 * @param {string} room
 */
function addLink(list, room) {
  const link = element('a', { class: 'room-row', href: pathOf(room) }, element('span', { class: 'room-row-name', dir: 'auto' }, room));
  list.append(element('li', {}, link));
  return link;
}
