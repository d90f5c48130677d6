/** The list of the keys, and whether a bare “?” opens it: a key of one character must be possible to switch off. */

import { part } from '../dom/element.js';
import { showDialog } from '../dom/show-dialog.js';
import { get, set } from '../storage/settings.js';

export class Shortcuts {
  #dialog = part('shortcuts', HTMLDialogElement);
  #bareKey = part('shortcuts-bare', HTMLInputElement);

  constructor() {
    this.#bareKey.addEventListener('change', () => set('keys', this.#bareKey.checked ? 'on' : 'off'));
    this.#dialog.addEventListener('click', ({ target }) => target === this.#dialog && this.#dialog.close());
  }

  open() {
    this.#bareKey.checked = get('keys') === 'on';
    showDialog(this.#dialog);
  }
}
