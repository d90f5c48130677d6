/** How others come in: the room's link to copy or to hand on, and as a code for the camera of a phone. */

import { copyText } from '../clipboard.js';
import { element, part, setText } from '../element.js';
import { showDialog } from '../show-dialog.js';
import { isOnlyHere, readable } from '../shown-link.js';

const SAID_MS = 2_500;

const ONLY_HERE_WORDS = 'This address works only on this computer. To let others in, start the chat with HOST=0.0.0.0.';

export class Invite {
  #dialog = part('invite-dialog', HTMLDialogElement);
  #code = part('invite-code', HTMLElement);
  #copy = part('invite-copy', HTMLButtonElement);
  #share = part('invite-share', HTMLButtonElement);
  /** What is outside of an open dialog is silent. */
  #status = part('invite-status', HTMLElement);
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #going;

  /** @param {{link: string, room: string, onProblem: (words: string) => void}} ports */
  constructor({ link, room, onProblem }) {
    this.link = link;
    this.room = room;
    this.onProblem = onProblem;
    this.isOnlyHere = isOnlyHere(link);
    this.#code.hidden = this.isOnlyHere;
    setText(part('invite-link', HTMLElement), readable(link));
    if (this.isOnlyHere) setText(part('invite-lead', HTMLElement), ONLY_HERE_WORDS);
    this.#copy.addEventListener('click', () => this.#copyLink());
    this.#share.hidden = !('share' in navigator);
    this.#share.addEventListener('click', () => navigator.share({ title: room, url: link }).catch(() => {}));
    this.#dialog.addEventListener('click', ({ target }) => target === this.#dialog && this.#dialog.close());
  }

  open() {
    showDialog(this.#dialog);
    this.#copy.focus({ preventScroll: true });
    if (!this.isOnlyHere && this.#code.childElementCount === 0) void this.#draw();
  }

  async #copyLink() {
    if (!(await copyText(this.link))) return this.onProblem(`This browser does not let pages copy. The link is ${this.link}`);
    setText(this.#copy, 'Link copied');
    setText(this.#status, 'The invite link is copied.');
    clearTimeout(this.#going);
    this.#going = setTimeout(() => setText(this.#copy, 'Copy link'), SAID_MS);
  }

  async #draw() {
    try {
      const { qrCode } = await import('./qr-code.js');
      this.#code.replaceChildren(await qrCode(this.link));
    } catch {
      this.#code.replaceChildren(element('p', { class: 'field-hint' }, 'The code cannot be drawn now. The link works as well.'));
    }
  }
}
