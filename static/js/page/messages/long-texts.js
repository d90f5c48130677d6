/**
 * Long texts show their beginning, and all of it to who wants that. The whole text is in the page: it can be
 * searched, heard and copied.
 */

import { button, setText } from '../dom/element.js';
import { isLong } from '../form/text-height.js';

export class LongTexts {
  /** The keys of those that are shown whole. @type {Set<string>} */
  #whole = new Set();

  /** @param {() => void} onToggle before one changes its height */
  constructor(onToggle) {
    this.onToggle = onToggle;
  }

  /**
   * @param {HTMLElement} text
   * @param {{key: string, content: string}} line
   * @returns {HTMLElement[]} what stands below it
   */
  fold(text, { key, content }) {
    if (!isLong(content, { width: innerWidth, height: innerHeight })) return [];
    const show = () => {
      text.toggleAttribute('data-folded', !this.#whole.has(key));
      setText(toggle, this.#whole.has(key) ? 'Show less' : 'Show more');
      toggle.setAttribute('aria-expanded', String(this.#whole.has(key)));
    };
    const toggle = button('', 'link-button message-fold', () => {
      this.onToggle();
      const isWhole = this.#whole.delete(key);
      if (!isWhole) this.#whole.add(key);
      show();
      if (isWhole) toggle.scrollIntoView({ block: 'nearest' });
    });
    // A link in it that the Tab key has reached has to be seen.
    text.addEventListener('focusin', ({ target }) => {
      if (!this.#whole.has(key)) toggle.click();
      if (target instanceof Element) target.scrollIntoView({ block: 'nearest' });
    });
    toggle.tabIndex = -1;
    show();
    return [toggle];
  }
}
