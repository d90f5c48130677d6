/** What a tab in the background shows of its room: the number in its title, a dot on its icon, the number on the app. */

import { BASE } from '../browser/place.js';
import { part } from '../dom/element.js';
import { showBadge } from './app-badge.js';
import { titleOf } from './unread.js';

export class TabMarks {
  #icon = part('favicon', HTMLLinkElement);
  #read = this.#icon.getAttribute('href') ?? '';

  /** @param {string} room */
  constructor(room) {
    this.room = room;
    this.badge = showBadge({ base: BASE, room });
  }

  /**
   * @param {number} unread
   * @param {number} mentions
   */
  show(unread, mentions) {
    document.title = titleOf(this.room, unread, mentions);
    const icon = unread + mentions > 0 ? (this.#icon.dataset.unread ?? this.#read) : this.#read;
    if (this.#icon.getAttribute('href') !== icon) this.#icon.setAttribute('href', icon);
    this.badge(unread);
  }
}
