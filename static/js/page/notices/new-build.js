/** A new version of the page is there: offered in a quiet line, never forced. Drafts and what waits to be sent stay. */

import { button, element, part } from '../dom/element.js';

export class NewBuild {
  #box = part('new-build', HTMLElement);
  /** The one that was offered last, and perhaps turned down. */
  #offered = '';

  /** @param {string} build what this page was made from */
  constructor(build) {
    this.build = build;
  }

  /** @param {string} build the server's */
  compare(build) {
    if (build === this.#offered) return;
    this.#offered = build;
    if (build === this.build) return this.#box.replaceChildren();
    this.#box.replaceChildren(
      element('span', {}, 'A new version is here: reload when you like.'),
      button('Reload', 'link-button', () => location.reload()),
      button('Not now', 'link-button', () => this.#turnDown()),
    );
  }

  /** The focus does not get lost with the button. */
  #turnDown() {
    this.#box.replaceChildren();
    part('composer-input', HTMLElement).focus();
  }
}
