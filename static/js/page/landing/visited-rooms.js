/** The rooms one was in, as links. The landing page comes with them: see templates/index.html. */

import { pathOf } from '../browser/place.js';
import { element, part } from '../dom/element.js';
import { unreadBadges } from '../rooms/unread-badge.js';

/** @param {import('../identity/session.js').VisitedRoom[]} rooms */
export function showVisitedRooms(rooms) {
  const list = part('visited-rooms', HTMLElement);
  const focused = list.contains(document.activeElement) && document.activeElement?.getAttribute('href');
  const links = rooms.map(linkTo);
  list.replaceChildren(...links.map((link) => element('li', {}, link)));
  links.find((link) => link.getAttribute('href') === focused)?.focus();
  part('visited', HTMLElement).hidden = rooms.length === 0;
}

/** @returns {string[]} of the rooms that are shown */
export function visitedNames() {
  return [...part('visited-rooms', HTMLElement).querySelectorAll('.room-row-name')].map((name) => name.textContent ?? '');
}

/** @param {Pick<import('../identity/session.js').VisitedRoom, 'id' | 'unread' | 'mentions'>} room */
export function linkTo({ id, unread, mentions = 0 }) {
  const name = element('span', { class: 'room-row-name', dir: 'auto', translate: 'no' }, id);
  return element('a', { class: 'room-row', href: pathOf(id) }, name, ...unreadBadges(unread, mentions));
}
