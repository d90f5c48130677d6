/**
 * One's own files of a room: what was chosen is here from that moment on, and sent when the outbox says so. What keeps and sends them is
 * loaded with the first. Bytes are here until the outbox, and later the messages, have their file no more.
 *
 * @typedef {import('../types.js').DraftFile} DraftFile
 * @typedef {import('./file-work.js').FileWork} FileWork
 */

import { Emitter } from '../emitter.js';

/** Of those that were sent so many are shown from here on; more would be many bytes. */
const MOST_SHOWN = 40;

/**
 * `unkept`: this browser has not kept it; `dropped`: its bytes are not here any more.
 *
 * @extends {Emitter<{progress: {key: string, bytes: number}, unkept: {key: string}, dropped: {key: string}}>}
 */
export class RoomFiles extends Emitter {
  /** @type {Map<string, Blob>} */
  bytes = new Map();
  /** How many of them are with the server. @type {Map<string, number>} */
  progress = new Map();
  /** By the id that the server gave. @type {Map<string, string>} */
  #keys = new Map();
  /** Not kept yet, or in vain: the message of each. @type {Map<string, string>} */
  #unkept = new Map();
  /** Of those, in vain so far. @type {Set<string>} */
  #inVain = new Set();
  /** @type {Promise<FileWork> | null} */
  #work = null;

  /**
   * @param {{room: string, timers: import('../types.js').Timers, load: () => Promise<import('./file-work.js').FileTools>,
   *   tell: (clientId: string, key: string, news: import('../types.js').FileNews) => void}} ports
   */
  constructor(ports) {
    super();
    this.ports = ports;
  }

  /** Whether a page that goes takes bytes along. */
  get hasUnkept() {
    return this.#inVain.size > 0;
  }

  /** Of one's own that was sent from here. @param {string} id of the upload */
  keyOf(id) {
    return this.#keys.get(id) ?? null;
  }

  /** As they were kept, after a reload. @param {string} key */
  async fetch(key) {
    return (await this.#ready()).bytesOf(key);
  }

  /**
   * @param {string} clientId of the message
   * @param {import('../types.js').ChosenFile[]} chosen
   * @returns {DraftFile[]}
   */
  take(clientId, chosen) {
    return chosen.map(({ bytes, ...file }, place) => {
      const key = file.key ?? `${clientId}-${place}`;
      this.bytes.set(key, bytes);
      void this.#keep(clientId, key);
      return { ...file, key, size: bytes.size };
    });
  }

  /** @param {string} clientId @param {DraftFile[]} files */
  upload(clientId, files) {
    const refusal = { code: 'page_incomplete', retryable: false };
    this.#ready().then((work) => work.upload(clientId, files), () => files.forEach(({ key }) => this.ports.tell(clientId, key, { refusal })));
  }

  /** They wait for their person. @param {string} clientId */
  pause(clientId) {
    if (this.#work) this.#do((work) => work.pause(clientId));
  }

  /** The message is sent, or is not wanted any more. @param {string} clientId @param {DraftFile[]} files @param {boolean} isSent */
  forget(clientId, files, isSent) {
    this.#do((work) => work.forget(clientId, files, isSent));
    for (const { key, upload } of files) {
      this.progress.delete(key);
      this.#keepNoMore(key);
      if (isSent && upload) this.#keys.set(upload, key);
      else this.#drop(key);
    }
    this.#dropSent([...this.#keys.keys()].slice(0, -MOST_SHOWN));
  }

  /** One of a message that waits without it from now on. @param {DraftFile} file */
  remove(file) {
    this.#do((work) => work.remove(file));
    this.progress.delete(file.key);
    this.#keepNoMore(file.key);
    this.#drop(file.key);
  }

  /** Whether there is anything of those that were sent. */
  get hasSent() {
    return this.#keys.size > 0;
  }

  /** Of what was deleted, or is over, nothing stays here. @param {Set<string>} ids of the uploads that messages have */
  keepSent(ids) {
    this.#dropSent([...this.#keys.keys()].filter((id) => !ids.has(id)));
  }

  /** The network is said to be back. */
  wake() {
    for (const [key, clientId] of this.#unkept) void this.#keep(clientId, key);
    if (this.#work) this.#do((work) => work.wake());
  }

  /** @param {string[]} ids */
  #dropSent(ids) {
    for (const id of ids) {
      this.#drop(this.#keys.get(id) ?? '');
      this.#keys.delete(id);
    }
  }

  /** @param {string} key */
  #drop(key) {
    if (this.bytes.delete(key)) this.emit('dropped', { key });
  }

  /** Where that fails it is said once, and tried again. @param {string} clientId @param {string} key */
  async #keep(clientId, key) {
    const isFirst = !this.#unkept.has(key);
    this.#unkept.set(key, clientId);
    try {
      const work = await this.#ready();
      const bytes = this.bytes.get(key);
      if (bytes && this.#unkept.has(key)) await work.keep(clientId, key, bytes);
      this.#keepNoMore(key);
    } catch {
      if (!this.#unkept.has(key)) return;
      this.#inVain.add(key);
      if (isFirst) this.emit('unkept', { key });
    }
  }

  /** It is kept, or need not be. @param {string} key */
  #keepNoMore(key) {
    this.#unkept.delete(key);
    this.#inVain.delete(key);
  }

  /** Where it cannot be loaded it goes on without. @param {(work: FileWork) => unknown} work */
  #do(work) {
    this.#ready().then(work).catch(() => {});
  }

  #ready() {
    this.#work ??= this.ports.load().then((tools) => new tools.FileWork(this, tools));
    this.#work.catch(() => (this.#work = null)); // the next one tries again
    return this.#work;
  }
}
