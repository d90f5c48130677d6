/**
 * One's own files of a room: what was chosen is here from that moment on, and sent when the outbox says so. What keeps and sends them is
 * loaded with the first.
 *
 * @typedef {import('../types.js').DraftFile} DraftFile
 * @typedef {import('./file-work.js').FileWork} FileWork
 */

import { Emitter } from '../emitter.js';

/** Of those that were sent so many are shown from here on; more would be many bytes. */
const MOST_SHOWN = 40;

/** @extends {Emitter<{progress: {key: string, bytes: number}}>} */
export class RoomFiles extends Emitter {
  /** @type {Map<string, Blob>} */
  bytes = new Map();
  /** How many of them are with the server. @type {Map<string, number>} */
  progress = new Map();
  /** By the id that the server gave. @type {Map<string, string>} */
  #keys = new Map();
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
      const key = `${clientId}-${place}`;
      this.bytes.set(key, bytes);
      this.#do((work) => work.keep(clientId, key, bytes));
      return { key, size: bytes.size, ...file };
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
      if (isSent && upload) this.#keys.set(upload, key);
      else this.bytes.delete(key);
    }
    for (const [id, key] of [...this.#keys].slice(0, -MOST_SHOWN)) {
      this.#keys.delete(id);
      this.bytes.delete(key);
    }
  }

  /** One of a message that waits. @param {string} clientId @param {DraftFile} file */
  remove(clientId, file) {
    this.#do((work) => work.remove(file));
    this.ports.tell(clientId, file.key, { isRemoved: true });
    this.bytes.delete(file.key);
  }

  /** The network is said to be back. */
  wake() {
    if (this.#work) this.#do((work) => work.wake());
  }

  /** Where it cannot be loaded, or kept, it goes on without. @param {(work: FileWork) => unknown} work */
  #do(work) {
    this.#ready().then(work).catch(() => {});
  }

  #ready() {
    this.#work ??= this.ports.load().then((tools) => new tools.FileWork(this, tools));
    this.#work.catch(() => (this.#work = null)); // the next one tries again
    return this.#work;
  }
}
