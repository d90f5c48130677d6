/** How others come in: the room's link to copy or to hand on, and as a code for the camera of a phone. */

import { closesOnBackdrop, showDialog } from '../dom/dialog.js';
import { part, setText } from '../dom/element.js';
import { saysWhenCopied } from './copy-button.js';
import { copyLink } from './copy-link.js';
import { drawCode } from './link-code.js';
import { isOnlyHere, readable, whoCanFollow } from './shown-link.js';

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
    setText(part('invite-lead', HTMLElement), whoCanFollow(link));
    saysWhenCopied(this.#copy, () => copyLink(link, { said: 'The invite link is copied.', status: this.#status, onProblem }));
    this.#share.hidden = !('share' in navigator);
    this.#share.addEventListener('click', () => navigator.share({ title: room, url: link }).catch(() => {}));
    closesOnBackdrop(this.#dialog);
  }

  open() {
    showDialog(this.#dialog);
    this.#copy.focus({ preventScroll: true });
    if (!this.isOnlyHere) void drawCode(this.#code, this.link);
  }
}
