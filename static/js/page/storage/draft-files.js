/**
 * Files that were chosen and not sent yet (IndexedDB): they wait beside what one writes. As that, they are their tab's; what a tab that is
 * gone has left is taken over by one other. They lie where the outbox has the bytes of its own: when they are sent, it puts them
 * under the same key as its message's. A mark in localStorage says that there are any, so that nobody else loads what reads them.
 *
 * @typedef {import('../../chat/types.js').ChosenFile & {key: string}} ChosenFile
 * @typedef {{file: ChosenFile, at: number}} Drafted  `at`: when it was chosen, no two at once
 * @typedef {{device: string, name: string, type: string, alt?: string}} About  `device`: of the tab
 * @typedef {{key: string, room: string, bytes: Blob, at: number, draft?: About}} Kept  without `draft` it is the outbox's
 */

import { dropItem, keepItem } from '../browser/browser-storage.js';
import { FILE_MARKS } from './draft.js';
import { store, whole } from './file-storage.js';
import { done } from './outbox-database.js';

export class DraftFiles {
  #room;
  #tab;

  /** @param {{room: string, tab: Pick<import('../browser/living-tabs.js').Tab, 'device' | 'living' | 'alone'>}} whose */
  constructor({ room, tab }) {
    this.#room = room;
    this.#tab = tab;
  }

  /** @param {boolean} isMarked whether there are any of this tab @returns {boolean} whether that is kept */
  mark(isMarked) {
    const mark = this.#markOf(this.#tab.device);
    if (isMarked) return keepItem(mark, JSON.stringify({ at: Date.now() }));
    dropItem(mark);
    return true;
  }

  /** @param {string} device */
  #markOf(device) {
    return `${FILE_MARKS}${device}/${this.#room}`;
  }

  /** @param {Drafted} drafted @returns {Promise<void>} once it is; rejects where it cannot be */
  async keep({ file: { key, bytes, name, type, alt }, at }) {
    const files = await store('readwrite');
    const kept = whole(files.transaction);
    const draft = { device: this.#tab.device, name, type, ...(alt === undefined ? {} : { alt }) };
    files.put({ key, room: this.#room, bytes, at, draft });
    await kept;
  }

  /** @param {string} key */
  async remove(key) {
    (await store('readwrite')).delete(key);
  }

  /** Those of this tab, the oldest first. @returns {Promise<Drafted[]>} */
  async own() {
    const files = await store('readonly');
    return (await this.#in(files)).filter(({ draft }) => draft.device === this.#tab.device).map(draftedOf);
  }

  /** Those that a tab of this room has left: of several, the one that chose last. @returns {Promise<Drafted[]>} they are this tab's now */
  async takeOver() {
    return this.#tab.alone(async () => {
      const living = await this.#tab.living();
      const files = await store('readwrite');
      const left = (await this.#in(files)).filter(({ draft }) => !living.has(draft.device));
      const device = left.at(-1)?.draft.device ?? '';
      const taken = left.filter(({ draft }) => draft.device === device);
      for (const kept of taken) files.put({ ...kept, draft: { ...kept.draft, device: this.#tab.device } });
      dropItem(this.#markOf(device));
      return taken.map(draftedOf);
    });
  }

  /** @param {IDBObjectStore} files @returns {Promise<(Kept & {draft: About})[]>} of this room */
  async #in(files) {
    const all = /** @type {Kept[]} */ (await done(files.getAll()));
    const drafts = all.flatMap((kept) => (kept.draft && kept.room === this.#room ? [{ ...kept, draft: kept.draft }] : []));
    return drafts.sort((a, b) => a.at - b.at);
  }
}

/** @param {Kept & {draft: About}} kept @returns {Drafted} */
function draftedOf({ key, bytes, at, draft: { device: _, ...about } }) {
  return { file: { key, bytes, ...about }, at };
}
