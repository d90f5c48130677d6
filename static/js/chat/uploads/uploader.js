/**
 * Sends the files of the messages that wait, two at a time, the oldest first; their bytes come from storage, as they were kept
 * when they were chosen.
 *
 * @typedef {import('../types.js').DraftFile} DraftFile
 * @typedef {import('../types.js').FileNews} FileNews
 * @typedef {{clientId: string, file: DraftFile, pause: Pause, transfer: Transfer | null}} Job
 * @typedef {{room: string, http: import('../types.js').Http, timers: import('../types.js').Timers,
 *   bytesOf: (key: string) => Promise<Blob | null>, tell: (clientId: string, key: string, news: FileNews) => void,
 *   onProgress: (key: string, bytes: number) => void}} UploaderPorts
 */

import { Pause } from './pause.js';
import { FileRefused, Transfer } from './transfer.js';

/** A person may have three under way, also in another tab. */
const AT_A_TIME = 2;

export class Uploader {
  /** Those that are under way, and behind them those that wait. @type {Job[]} */
  #jobs = [];
  #running = 0;

  /** @param {UploaderPorts} ports */
  constructor(ports) {
    this.ports = ports;
  }

  /** @param {string} clientId of the message @param {DraftFile[]} files */
  add(clientId, files) {
    const known = new Set(this.#jobs.map(({ file }) => file.key));
    const fresh = files.filter(({ key, isThere }) => !isThere && !known.has(key));
    this.#jobs.push(...fresh.map((file) => ({ clientId, file, pause: new Pause(this.ports.timers), transfer: null })));
    this.#runNext();
  }

  /** @param {(job: Job) => boolean} isMeant */
  stop(isMeant) {
    const stopped = this.#jobs.filter(isMeant);
    this.#jobs = this.#jobs.filter((job) => !stopped.includes(job));
    for (const { transfer } of stopped) transfer?.stop();
  }

  /** The network is said to be back. */
  wake() {
    for (const { pause } of this.#jobs) pause.wake();
  }

  #runNext() {
    for (const job of this.#jobs.filter(({ transfer }) => transfer === null)) {
      if (this.#running >= AT_A_TIME) return;
      void this.#run(job);
    }
  }

  /** @param {Job} job */
  async #run(job) {
    this.#running += 1;
    const { clientId, file } = job;
    const bytes = this.ports.bytesOf(file.key);
    const ports = {
      http: this.ports.http, room: this.ports.room, pause: job.pause,
      onUpload: (/** @type {string} */ upload) => this.ports.tell(clientId, file.key, { upload }),
      onDelay: (/** @type {import('../types.js').Refusal} */ refusal, /** @type {number} */ ms) => this.ports.tell(clientId, file.key, { delay: { refusal, ms } }),
      onProgress: (/** @type {number} */ sent) => this.ports.onProgress(file.key, sent),
    };
    job.transfer = new Transfer(file, bytes, ports);
    const news = await newsOf(job.transfer);
    this.#running -= 1;
    const isMeant = this.#jobs.includes(job);
    this.#jobs = this.#jobs.filter((other) => other !== job);
    if (isMeant && news) this.ports.tell(clientId, file.key, news);
    this.#runNext();
  }
}

/** @param {Transfer} transfer @returns {Promise<FileNews | null>} nothing: it was stopped */
async function newsOf(transfer) {
  try {
    const upload = await transfer.run();
    return upload === null ? null : { upload, isThere: true };
  } catch (error) {
    return { refusal: error instanceof FileRefused ? error.refusal : { code: 'internal', retryable: false } };
  }
}
