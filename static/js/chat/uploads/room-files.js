/**
 * One's own files of a room: what was chosen is here from that moment on, is kept for as long as its message waits, and sent when the
 * outbox says so. What does all that is loaded with the first file.
 *
 * @typedef {import('../types.js').DraftFile} DraftFile
 * @typedef {import('../types.js').ChosenFile} ChosenFile
 * @typedef {import('../types.js').FileNews} FileNews
 * @typedef {{http: import('../types.js').Http, storage: import('../types.js').FileStorage,
 *   Uploader: typeof import('./uploader.js').Uploader}} FileTools
 * @typedef {{uploader: import('./uploader.js').Uploader, storage: import('../types.js').FileStorage, http: import('../types.js').Http}} Work
 */

import { Emitter } from '../emitter.js';

/** Of those that were sent so many are shown from here on; more would be many bytes. */
const MOST_SHOWN = 40;

/** @extends {Emitter<{progress: {key: string, bytes: number}}>} */
export class RoomFiles extends Emitter {
  /** @type {Map<string, Blob>} */
  #bytes = new Map();
  /** By the id that the server gave. @type {Map<string, string>} */
  #keys = new Map();
  /** @type {Map<string, number>} */
  #progress = new Map();
  /** @type {Promise<Work> | null} */
  #work = null;

  /**
   * @param {{room: string, timers: import('../types.js').Timers, load: () => Promise<FileTools>,
   *   tell: (clientId: string, key: string, news: FileNews) => void}} ports
   */
  constructor({ room, timers, load, tell }) {
    super();
    this.room = room;
    this.timers = timers;
    this.load = load;
    this.tell = tell;
  }

  /** The bytes of one's own, if they are here. @param {string} key */
  bytesOf(key) {
    return this.#bytes.get(key) ?? null;
  }

  /** Of one's own that was sent from here. @param {string} id of the upload */
  keyOf(id) {
    return this.#keys.get(id) ?? null;
  }

  /** How many bytes are with the server. @param {string} key */
  progressOf(key) {
    return this.#progress.get(key) ?? 0;
  }

  /** As they were kept, after a reload. @param {string} key @returns {Promise<Blob | null>} */
  async fetch(key) {
    const { storage } = await this.#ready();
    const bytes = this.#bytes.get(key) ?? (await storage.bytesOf(key).catch(() => null));
    if (bytes) this.#bytes.set(key, bytes);
    return bytes;
  }

  /**
   * @param {string} clientId of the message
   * @param {ChosenFile[]} chosen
   * @returns {DraftFile[]}
   */
  take(clientId, chosen) {
    return chosen.map(({ bytes, ...file }, place) => {
      const key = `${clientId}-${place}`;
      this.#bytes.set(key, bytes);
      this.#do(({ storage }) => storage.keep({ key, client_id: clientId, room: this.room, bytes }));
      return { key, size: bytes.size, ...file };
    });
  }

  /** @param {string} clientId @param {DraftFile[]} files */
  upload(clientId, files) {
    this.#ready().then(
      ({ uploader }) => uploader.add(clientId, files),
      () => files.forEach(({ key }) => this.tell(clientId, key, { refusal: { code: 'page_incomplete', retryable: false } })),
    );
  }

  /** They wait for their person. @param {string} clientId */
  pause(clientId) {
    if (this.#work) this.#do(({ uploader }) => uploader.stop((job) => job.clientId === clientId));
  }

  /** The message is sent, or is not wanted any more. @param {string} clientId @param {DraftFile[]} files @param {boolean} isSent */
  forget(clientId, files, isSent) {
    this.#do(({ uploader, storage, http }) => {
      uploader.stop((job) => job.clientId === clientId);
      const known = isSent ? [] : files.flatMap(({ upload }) => upload ?? []);
      for (const id of known) void http({ method: 'DELETE', path: `/api/uploads/${id}`, headers: { 'tus-resumable': '1.0.0' } }).catch(() => {});
      return storage.remove(files.map(({ key }) => key));
    });
    for (const { key, upload } of files) {
      this.#progress.delete(key);
      if (isSent && upload) this.#keys.set(upload, key);
      else this.#bytes.delete(key);
    }
    for (const [id, key] of [...this.#keys].slice(0, -MOST_SHOWN)) {
      this.#keys.delete(id);
      this.#bytes.delete(key);
    }
  }

  /** One of a message that waits. @param {string} clientId @param {DraftFile} file */
  remove(clientId, file) {
    this.#do(({ uploader }) => uploader.stop((job) => job.file.key === file.key));
    this.tell(clientId, file.key, { isRemoved: true });
    this.#do(({ storage }) => storage.remove([file.key]));
    this.#bytes.delete(file.key);
  }

  /** The network is said to be back. */
  wake() {
    if (this.#work) this.#do(({ uploader }) => uploader.wake());
  }

  /** @param {(work: Work) => unknown} work where it cannot be loaded or kept, it goes on without */
  #do(work) {
    this.#ready().then(work).catch(() => {});
  }

  #ready() {
    this.#work ??= this.#open();
    this.#work.catch(() => (this.#work = null)); // the next one tries again
    return this.#work;
  }

  /** @returns {Promise<Work>} */
  async #open() {
    const { room, timers } = this;
    const { http, storage, Uploader } = await this.load();
    const uploader = new Uploader({
      room, http, timers, tell: this.tell, bytesOf: (key) => this.fetch(key), onProgress: (key, bytes) => this.#went(key, bytes),
    });
    return { uploader, storage, http };
  }

  /** @param {string} key @param {number} bytes */
  #went(key, bytes) {
    this.#progress.set(key, bytes);
    this.emit('progress', { key, bytes });
  }
}
