/**
 * What one is making of a message of one's own that was sent. It is this tab's and names its message, so that it never
 * becomes a message by itself; it is kept for as long as that message is.
 *
 * @typedef {{of: number | string, ts: number, base: number | null, before: string, text: string,
 *   files?: import('../../chat/types.js').Upload[]}} Edit  `of`: the seq of the message, or its client id, if it was on its way; `ts`:
 *   when it was sent; `base`: the seq of the words that one began with, and `before` those words; `files`: those that it has, and
 *   when it is saved those that stay
 */

import { dropItem, keepItem, keptItem } from '../browser/browser-storage.js';
import { PREFIX } from './draft.js';

const OF_THIS_TAB = () => sessionStorage;

export class EditDraft {
  #key;

  /** @param {string} room */
  constructor(room) {
    this.#key = `${PREFIX}edit/${room}`;
  }

  /** @returns {Edit | null} */
  get kept() {
    try {
      const { of, ts, base, before, text, files } = JSON.parse(keptItem(this.#key, OF_THIS_TAB) ?? '');
      return { of, ts, base, before, text, ...(files ? { files } : {}) };
    } catch {
      return null;
    }
  }

  /** Drafts go by when they were written, this one by when its message was. @param {Edit} edit */
  keep(edit) {
    keepItem(this.#key, JSON.stringify({ ...edit, at: edit.ts }), OF_THIS_TAB);
  }

  forget() {
    dropItem(this.#key, OF_THIS_TAB);
  }
}
