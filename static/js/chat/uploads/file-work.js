/**
 * What is done with the files of a room that wait: they are kept over a reload, sent, and forgotten here and at the server.
 *
 * @typedef {import('../types.js').DraftFile} DraftFile
 * @typedef {{http: import('../types.js').Http, storage: import('../types.js').FileStorage, FileWork: typeof FileWork}} FileTools
 * @typedef {{bytes: Map<string, Blob>, progress: Map<string, number>, emit: (name: 'progress', went: {key: string, bytes: number}) => void,
 *   ports: {room: string, timers: import('../types.js').Timers,
 *   tell: (clientId: string, key: string, news: import('../types.js').FileNews) => void}}} Owner
 */

import { Uploader } from './uploader.js';

const TUS = { 'tus-resumable': '1.0.0' };

export class FileWork {
  #uploader;

  /**
   * @param {Owner} files what of them is here
   * @param {FileTools} tools
   */
  constructor(files, { http, storage }) {
    const { room, timers, tell } = files.ports;
    this.files = files;
    this.http = http;
    this.storage = storage;
    this.#uploader = new Uploader({
      room, http, timers, tell, bytesOf: (key) => this.bytesOf(key), onProgress: (key, bytes) => this.#went(key, bytes),
    });
  }

  /** @param {string} clientId @param {string} key @param {Blob} bytes */
  keep(clientId, key, bytes) {
    return this.storage.keep({ key, client_id: clientId, room: this.files.ports.room, bytes });
  }

  /** @param {string} key @returns {Promise<Blob | null>} nothing: they are not kept; rejects where storage does not answer */
  async bytesOf(key) {
    const bytes = this.files.bytes.get(key) ?? (await this.storage.bytesOf(key));
    if (bytes) this.files.bytes.set(key, bytes);
    return bytes;
  }

  /** @param {string} clientId @param {DraftFile[]} files */
  upload(clientId, files) {
    this.#uploader.add(clientId, files);
  }

  /** @param {string} clientId */
  pause(clientId) {
    this.#uploader.stop((job) => job.clientId === clientId);
  }

  /** @param {string} clientId @param {DraftFile[]} files @param {boolean} isSent they belong to a message now */
  forget(clientId, files, isSent) {
    this.pause(clientId);
    if (!isSent) this.#giveUp(files);
    return this.storage.remove(files.map(({ key }) => key));
  }

  /** @param {DraftFile} file */
  remove(file) {
    this.#uploader.stop((job) => job.file.key === file.key);
    this.#giveUp([file]);
    return this.storage.remove([file.key]);
  }

  wake() {
    this.#uploader.wake();
  }

  /** The server need not keep them for an hour. @param {DraftFile[]} files */
  #giveUp(files) {
    for (const { upload } of files) if (upload) void this.http({ method: 'DELETE', path: `/api/uploads/${upload}`, headers: TUS }).catch(() => {});
  }

  /** @param {string} key @param {number} bytes */
  #went(key, bytes) {
    this.files.progress.set(key, bytes);
    this.files.emit('progress', { key, bytes });
  }
}
