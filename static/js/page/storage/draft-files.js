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
import { orLate } from '../browser/circuit-breaker.js';
import { done } from './database.js';
import { FILE_MARKS, deviceOf, keysIn, roomOf } from './draft.js';
import { files, putWhole, whole } from './file-storage.js';

export class DraftFiles {
  #room;
  #tab;
  /** Chosen before the page was loaded again, and not read yet: they stay marked. @type {string[]} */
  #unread;

  /** @param {{room: string, tab: Pick<import('../browser/living-tabs.js').Tab, 'device' | 'living' | 'alone'>}} whose */
  constructor({ room, tab }) {
    this.#room = room;
    this.#tab = tab;
    this.#unread = this.#marked(tab.device);
  }

  /** What is not marked any more is the outbox's, or removed, whatever lies here still. @param {string[]} keys of this tab's @returns {boolean} whether that is kept */
  mark(keys) {
    const mark = this.#markOf(this.#tab.device);
    const all = [...new Set([...this.#unread, ...keys])];
    if (all.length > 0) return keepItem(mark, JSON.stringify({ at: Date.now(), keys: all }));
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

  /** @param {Drafted} drafted @returns {Promise<void>} once it is; rejects where it cannot be, or not in time */
  keep({ file: { key, bytes, name, type, alt }, at }) {
    const draft = { device: this.#tab.device, name, type, ...(alt === undefined ? {} : { alt }) };
    return putWhole({ key, room: this.#room, bytes, at, draft });
  }

  /** @param {string} key @returns {Promise<unknown>} */
  remove(key) {
    return files.use('readwrite', (store) => done(store.delete(key)));
  }

  /** Those of this tab, the oldest first. @returns {Promise<Drafted[]>} */
  own() {
    return files.use('readonly', async (store) => {
      const own = (await this.#in(store)).filter((kept) => this.#isOwn(kept));
      this.#unread = [];
      return own.map(draftedOf);
    });
  }

  /** All that wait in this room. @returns {Promise<Map<string, boolean>>} by key, whether it is this tab's */
  whose() {
    return files.use('readonly', async (store) => new Map((await this.#in(store)).map((kept) => [kept.key, this.#isOwn(kept)])));
  }

  /**
   * Those that a tab of this room has left beside the text that was taken over from it, or without any text. Nobody waits for it.
   *
   * @param {string} from the tab; empty: of several, the one that chose last
   * @param {() => boolean} isWanted still, when that is known
   * @returns {Promise<Drafted[]>} they are this tab's now
   */
  takeOver(from, isWanted) {
    return this.#tab.alone(async () => {
      const living = await this.#tab.living();
      return orLate(files.use('readwrite', (store) => this.#takeLeft(store, { living, from, isWanted })));
    });
  }

  /** @param {IDBObjectStore} store @param {{living: Set<string>, from: string, isWanted: () => boolean}} how @returns {Promise<Drafted[]>} */
  async #takeLeft(store, { living, from, isWanted }) {
    const left = (await this.#in(store)).filter(({ draft }) => !living.has(draft.device));
    this.#dropVainMarks(new Set([...living, ...left.map(({ draft }) => draft.device)]));
    const device = from || (left.at(-1)?.draft.device ?? '');
    const taken = left.filter(({ draft }) => draft.device === device);
    if (taken.length === 0 || !isWanted()) return [];
    const kept = whole(store.transaction);
    for (const one of taken) store.put({ ...one, draft: { ...one.draft, device: this.#tab.device } });
    await kept;
    this.mark([...this.#marked(this.#tab.device), ...taken.map(({ key }) => key)]);
    dropItem(this.#markOf(device));
    return taken.map(draftedOf);
  }

  /** A tab that is gone and has left none leaves no mark either: each page would look for them. @param {Set<string>} others who have a mark by right */
  #dropVainMarks(others) {
    for (const device of markedTabs(this.#room)) if (!others.has(device)) dropItem(this.#markOf(device));
  }

  /** @param {{draft: About}} kept */
  #isOwn({ draft }) {
    return draft.device === this.#tab.device;
  }

  /** @param {IDBObjectStore} store @returns {Promise<(Kept & {draft: About})[]>} of this room, that are marked, the oldest first */
  async #in(store) {
    const all = /** @type {Kept[]} */ (await done(store.getAll()));
    const drafts = all.flatMap((kept) => (kept.draft && kept.room === this.#room ? [{ ...kept, draft: kept.draft }] : []))
      .filter(({ key, draft }) => this.#marked(draft.device).includes(key));
    return drafts.sort((a, b) => a.at - b.at);
  }
}

/** The tabs that have a mark for a room. @param {string} room */
function markedTabs(room) {
  return keysIn(localStorage, FILE_MARKS).filter((key) => roomOf(key) === room).map((key) => deviceOf(key, FILE_MARKS));
}

/** @param {Kept & {draft: About}} kept @returns {Drafted} */
function draftedOf({ key, bytes, at, draft: { device: _, ...about } }) {
  return { file: { key, bytes, ...about }, at };
}
