/**
 * What one is writing in a room, kept over a reload and when its tab is closed.
 *
 * A draft is in one place, that of its tab: what is sent in another tab of the room does not touch it. What a tab that
 * is gone has left is taken over by one other. Its place is marked as taken then, so that a tab that only slept
 * withdraws the text instead of saying it a second time. Where localStorage is full, the text is kept as long as
 * the tab is there; where storage is switched off, it is only in the composer.
 */

import { dropItem, keepItem, keptItem } from '../browser/browser-storage.js';
import { BASE } from '../browser/place.js';

/** Of another chat on this host, under another path, nothing is taken. */
export const PREFIX = `${BASE}draft:`;
/** Where it is noted that files wait, by tab and room; it goes as drafts do. */
export const FILE_MARKS = `${PREFIX}files/`;
export const STORES = [() => localStorage, () => sessionStorage];

/** @typedef {{text: string, at: number, isTaken: boolean, replyTo: number | null}} Kept  `replyTo`: the seq of what it answers */

export class RoomDraft {
  /** What was kept or read last. */
  #text = '';
  /** @type {number | null} */
  #replyTo = null;
  /** The tab whose text was taken over. */
  takenFrom = '';

  /** @param {{room: string, tab: Pick<import('../browser/living-tabs.js').Tab, 'device' | 'living' | 'alone'>}} whose */
  constructor({ room, tab }) {
    this.room = room;
    this.tab = tab;
    this.key = `${PREFIX}${tab.device}/${room}`;
    this.#take(this.#kept());
  }

  get text() {
    return this.#text;
  }

  /** The seq of the message that it answers: of whom that was and what it said is looked up when it is shown. */
  get replyTo() {
    return this.#replyTo;
  }

  /** Whether files that were chosen for this room wait here, of this tab or of any: see draft-files.js. */
  hasFiles(isOwn = false) {
    const marks = FILE_MARKS + (isOwn ? `${this.tab.device}/` : '');
    try {
      return keysIn(localStorage, marks).some((key) => roomOf(key) === this.room);
    } catch {
      return false;
    }
  }

  /** Whether another tab has this very text now. */
  get isTaken() {
    return this.#text !== '' && this.#kept().isTaken;
  }

  /**
   * @param {string} text
   * @param {number | null} [replyTo]
   */
  keep(text, replyTo = null) {
    if (text === '') return this.forget();
    this.#take({ text, replyTo });
    const value = JSON.stringify({ text, at: Date.now(), ...(replyTo === null ? {} : { replyTo }) });
    if (keepItem(this.key, value)) dropItem(this.key, () => sessionStorage);
    else keepItem(this.key, value, () => sessionStorage);
  }

  forget() {
    this.#take({ text: '', replyTo: null });
    for (const store of STORES) dropItem(this.key, store);
  }

  /**
   * Takes over the newest text that a tab of this room has left, if it is still wanted when that is known.
   *
   * @param {() => boolean} isWanted
   * @returns {Promise<string>} nothing: there is none
   */
  async takeOver(isWanted) {
    try {
      return await this.tab.alone(async () => {
        const living = await this.tab.living();
        return isWanted() ? this.#takeNewest(living) : '';
      });
    } catch {
      return ''; // it waits where it is
    }
  }

  /** @param {Set<string>} living */
  #takeNewest(living) {
    const left = keysIn(localStorage).filter((key) => roomOf(key) === this.room && !living.has(deviceOf(key)))
      .map((key) => ({ key, ...keptAt(key) })).filter(({ text, isTaken }) => text !== '' && !isTaken);
    const newest = left.sort((a, b) => b.at - a.at)[0];
    if (!newest) return '';
    this.keep(newest.text, newest.replyTo);
    this.takenFrom = deviceOf(newest.key);
    if (deviceOf(newest.key) === '') dropItem(newest.key);
    else keepItem(newest.key, JSON.stringify({ isTaken: true, at: Date.now() }));
    return newest.text;
  }

  /** @param {Pick<Kept, 'text' | 'replyTo'>} kept */
  #take({ text, replyTo }) {
    [this.#text, this.#replyTo] = [text, replyTo];
  }

  /** @returns {Kept} */
  #kept() {
    const found = STORES.map((store) => keptAt(this.key, store));
    return found.sort((a, b) => b.at - a.at)[0];
  }
}

/** @param {number} writtenBefore */
export function forgetDraftsBefore(writtenBefore) {
  for (const store of STORES) {
    try {
      for (const key of keysIn(store())) if (keptAt(key, store).at <= writtenBefore) store().removeItem(key);
    } catch {
      // Switched off: then there are none.
    }
  }
}

/** @param {Storage} storage */
export function keysIn(storage, prefix = PREFIX) {
  return Object.keys(storage).filter((key) => key.startsWith(prefix));
}

/** A room’s name has no slash. What was kept before drafts had tabs has no device. @param {string} key */
export function deviceOf(key, prefix = PREFIX) {
  return key.slice(prefix.length, Math.max(prefix.length, key.lastIndexOf('/')));
}

/** @param {string} key */
export function roomOf(key) {
  const slash = key.lastIndexOf('/');
  return key.slice(slash < 0 ? PREFIX.length : slash + 1);
}

/**
 * @param {string} key
 * @param {() => Storage} [store]
 * @returns {Kept}
 */
function keptAt(key, store) {
  try {
    const { text = '', at, isTaken = false, replyTo = null } = JSON.parse(keptItem(key, store) ?? '');
    return { text: String(text), at: Number(at), isTaken, replyTo: replyTo && Number(replyTo) };
  } catch {
    return { text: '', at: 0, isTaken: false, replyTo: null };
  }
}
