/** Copies the room's link, and says so. */

import { copyText } from '../clipboard.js';
import { part, setText } from '../element.js';

const SAID_MS = 2_500;

export class Invite {
  #words = part('invite-words', HTMLElement);
  #status = part('status', HTMLElement);
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #going;

  /** @param {{link: string, onProblem: (words: string) => void}} ports */
  constructor({ link, onProblem }) {
    this.link = link;
    this.onProblem = onProblem;
    part('invite', HTMLButtonElement).addEventListener('click', () => this.copy());
  }

  async copy() {
    if (!(await copyText(this.link))) return this.onProblem(`This browser does not let pages copy. The link is ${this.link}`);
    this.#say('Link copied', true);
    setText(this.#status, 'The invite link is copied.');
    clearTimeout(this.#going);
    this.#going = setTimeout(() => this.#say('Copy invite link', false), SAID_MS);
  }

  /**
   * @param {string} words
   * @param {boolean} isTold
   */
  #say(words, isTold) {
    setText(this.#words, words);
    this.#words.toggleAttribute('data-told', isTold);
  }
}
