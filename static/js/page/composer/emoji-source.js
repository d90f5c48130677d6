/** Emoji by their names, as `:sho`. All that there are come with the first word. */

import { element } from '../dom/element.js';
import { ownTone, rememberEmoji, toned } from '../emoji/own-emoji.js';

const MOST = 6;

/** @returns {import('./completed.js').Source} */
export function emojiSource() {
  return {
    label: 'Emoji',
    begun: /(?:^|[\s(])(:[\p{L}\p{N}_+-]{2,30})$/u,
    async find(word) {
      const { findEmoji } = await import('../emoji/find-emoji.js');
      return findEmoji(word, MOST).map(({ emoji, names }) => {
        const shown = toned(emoji, ownTone());
        return { shown: [element('span', { class: 'completion-emoji' }, shown), ` :${names[0]}:`], text: shown, onTaken: () => rememberEmoji(emoji) };
      });
    },
  };
}
