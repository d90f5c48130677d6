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

import { dropItem, keepItem, keptItem } from '../browser/browser-storage.js';
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

  /** What is not marked any more is the outbox's, or removed, whatever lies here still. @param {string[]} keys of this tab's @returns {boolean} whether that is kept */
  mark(keys) {
    const mark = this.#markOf(this.#tab.device);
    if (keys.length > 0) return keepItem(mark, JSON.stringify({ at: Date.now(), keys }));
    dropItem(mark);
    return true;
  }

  /** @param {string} device @returns {string[]} */
  #marked(device) {
    try {
      return JSON.parse(keptItem(this.#markOf(device)) ?? '').keys;
    } catch {
      return [];
    }
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

  /**
   * Those that a tab of this room has left beside the text that was taken over from it, or without any text.
   *
   * @param {string} from the tab; empty: of several, the one that chose last
   * @param {() => boolean} isWanted still, when that is known
   * @returns {Promise<Drafted[]>} they are this tab's now
   */
  async takeOver(from, isWanted) {
    return this.#tab.alone(async () => {
      const living = await this.#tab.living();
      const files = await store('readwrite');
      const left = (await this.#in(files)).filter(({ draft }) => !living.has(draft.device));
      const device = from || (left.at(-1)?.draft.device ?? '');
      const taken = left.filter(({ draft }) => draft.device === device);
      if (taken.length === 0 || !isWanted()) return [];
      const kept = whole(files.transaction);
      for (const one of taken) files.put({ ...one, draft: { ...one.draft, device: this.#tab.device } });
      await kept;
      this.mark([...this.#marked(this.#tab.device), ...taken.map(({ key }) => key)]);
      dropItem(this.#markOf(device));
      return taken.map(draftedOf);
    });
  }

  /** @param {IDBObjectStore} files @returns {Promise<(Kept & {draft: About})[]>} of this room, that are marked */
  async #in(files) {
    const all = /** @type {Kept[]} */ (await done(files.getAll()));
    const drafts = all.flatMap((kept) => (kept.draft && kept.room === this.#room ? [{ ...kept, draft: kept.draft }] : []))
      .filter(({ key, draft }) => this.#marked(draft.device).includes(key));
    return drafts.sort((a, b) => a.at - b.at);
  }
}

/** @param {Kept & {draft: About}} kept @returns {Drafted} */
function draftedOf({ key, bytes, at, draft: { device: _, ...about } }) {
  return { file: { key, bytes, ...about }, at };
}
