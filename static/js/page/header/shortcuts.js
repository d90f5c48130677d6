/** The list of the keys, and whether a bare “?” opens it: a key of one character must be possible to switch off. */

import { closesOnBackdrop, showDialog } from '../dom/dialog.js';
import { part } from '../dom/element.js';
import { get, set } from '../storage/settings.js';

export class Shortcuts {
  #dialog = part('shortcuts', HTMLDialogElement);
  #bareKey = part('shortcuts-bare', HTMLInputElement);

  constructor() {
    this.#bareKey.addEventListener('change', () => set('keys', this.#bareKey.checked ? 'on' : 'off'));
    closesOnBackdrop(this.#dialog);
  }

  open() {
    this.#bareKey.checked = get('keys') === 'on';
    showDialog(this.#dialog);
  }
}
