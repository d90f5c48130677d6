/** How others come in: the room's link to copy or to hand on, and as a code for the camera of a phone. */

import { closesOnBackdrop, showDialog } from '../dom/dialog.js';
import { element, part, setText } from '../dom/element.js';
import { saysWhenCopied } from './copy-button.js';
import { copyLink } from './copy-link.js';
import { ONLY_HERE_WORDS, isOnlyHere, readable } from './shown-link.js';

export class Invite {
  #dialog = part('invite-dialog', HTMLDialogElement);
  #code = part('invite-code', HTMLElement);
  #copy = part('invite-copy', HTMLButtonElement);
  #share = part('invite-share', HTMLButtonElement);
  /** What is outside of an open dialog is silent. */
  #status = part('invite-status', HTMLElement);

  /** @param {{link: string, room: string, onProblem: (words: string) => void}} ports */
  constructor({ link, room, onProblem }) {
    this.link = link;
    this.isOnlyHere = isOnlyHere(link);
    this.#code.hidden = this.isOnlyHere;
    setText(part('invite-link', HTMLElement), readable(link));
    if (this.isOnlyHere) setText(part('invite-lead', HTMLElement), ONLY_HERE_WORDS);
    saysWhenCopied(this.#copy, () => copyLink(link, { said: 'The invite link is copied.', status: this.#status, onProblem }));
    this.#share.hidden = !('share' in navigator);
    this.#share.addEventListener('click', () => navigator.share({ title: room, url: link }).catch(() => {}));
    closesOnBackdrop(this.#dialog);
  }

  open() {
    showDialog(this.#dialog);
    this.#copy.focus({ preventScroll: true });
    if (!this.isOnlyHere && this.#code.childElementCount === 0) void this.#draw();
  }

  async #draw() {
    try {
      const { qrCode } = await import('./qr-code.js');
      this.#code.replaceChildren(qrCode(this.link));
    } catch {
      this.#code.replaceChildren(element('p', { class: 'field-hint' }, 'The code cannot be drawn now. The link works as well.'));
    }
  }
}
