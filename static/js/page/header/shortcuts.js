/** The list of the keys, and whether a bare “?” opens it: a key of one character must be possible to switch off. */

import { closesOnBackdrop, showDialog } from '../dom/dialog.js';
import { part } from '../dom/element.js';
import { get, set } from '../storage/settings.js';

export class Shortcuts {
  #dialog = part('shortcuts', HTMLDialogElement);
  #bareKey = part('shortcuts-bare', HTMLInputElement);

  /** @param {{has: (feature: string) => boolean}} server what it offers */
  constructor({ has }) {
    this.has = has;
    this.#bareKey.addEventListener('change', () => set('keys', this.#bareKey.checked ? 'on' : 'off'));
    closesOnBackdrop(this.#dialog);
  }

  open() {
    for (const key of this.#dialog.querySelectorAll('[data-needs]')) key.toggleAttribute('hidden', !this.has(key.getAttribute('data-needs') ?? ''));
    this.#bareKey.checked = get('keys') === 'on';
    showDialog(this.#dialog);
  }
}
