/**
 * One file on its way to the server, by the tus protocol 1.0.0: made with its length and its name, sent in one piece, and
 * after a break from where the server says that it has got to. A picture is looked at there before it can be sent.
 *
 * It goes on by itself, whatever happens to the network, until the file is there or was refused for good.
 *
 * @typedef {import('../types.js').DraftFile} DraftFile
 * @typedef {import('../types.js').Http} Http
 * @typedef {import('../types.js').HttpAnswer} HttpAnswer
 * @typedef {import('../types.js').Refusal} Refusal
 * @typedef {{http: Http, room: string, pause: import('./pause.js').Pause, onUpload: (id: string) => void,
 *   onDelay: (refusal: Refusal, ms: number) => void, onProgress: (bytes: number) => void}} TransferPorts  `onUpload`: the server has given it
 *   an id; `onDelay`: it wants to be asked again so many milliseconds later
 */

import { retryMs } from '../timing/retry.js';

const TUS = { 'tus-resumable': '1.0.0' };
const GONE = new Set([404, 410]);
/** About this moment, or about the place in the file, which is asked for again. */
const AGAIN = new Set([401, 408, 409, 423, 425, 429, 460]);
/** Who has sent as much as may be in a day is told so, and asks again when they like. */
const LONGEST_WAIT_MS = 60_000;
const LOOK_MS = 250;
const LOOK_GROWS = 1.5;
const LONGEST_LOOK_MS = 1_000;

/** Refused for good. */
export class FileRefused extends Error {
  /** @param {Refusal} refusal */
  constructor(refusal) {
    super(refusal.message ?? refusal.code);
    this.refusal = refusal;
  }
}

/** Not now: it is tried again. */
class NotNow extends Error {
  /** @param {number} [afterMs] @param {Refusal} [refusal] as the server gave it */
  constructor(afterMs, refusal) {
    super('Not now.');
    this.afterMs = afterMs;
    this.refusal = refusal;
  }
}

export class Transfer {
  #stop = new AbortController();
  /** The farthest that this upload has got. */
  #reached = 0;
  #inARow = 0;
  /** How many uploads of this file the server had, and has no more. */
  #died = 0;

  /** @type {Blob | null} */
  #bytes = null;

  /**
   * @param {DraftFile} file
   * @param {Promise<Blob | null>} bytes nothing: this browser has not kept them
   * @param {TransferPorts} ports
   */
  constructor(file, bytes, ports) {
    this.file = file;
    this.bytes = bytes;
    this.ports = ports;
    this.upload = file.upload ?? null;
  }

  /** What the server has of it stays there. */
  stop() {
    this.#stop.abort();
    this.ports.pause.end();
  }

  /**
   * @returns {Promise<string | null>} the id of the upload, which can be sent now; nothing: it was stopped
   * @throws {FileRefused}
   */
  async run() {
    while (!this.#stop.signal.aborted) {
      try {
        await this.#sendAll();
        await this.#untilLookedAt();
        return this.upload;
      } catch (error) {
        if (error instanceof FileRefused) throw error;
        await this.#pause(error instanceof NotNow ? error : new NotNow());
        this.#inARow += 1;
      }
    }
    return null;
  }

  /** @param {NotNow} why */
  #pause({ afterMs = retryMs(this.#inARow), refusal }) {
    if (refusal) this.ports.onDelay(refusal, afterMs);
    return this.ports.pause.for(afterMs);
  }

  get #path() {
    return `/api/uploads/${this.upload}`;
  }

  async #sendAll() {
    this.#bytes ??= await this.bytes.catch(() => refuse('upload_unread'));
    if (this.#bytes?.size !== this.file.size) refuse('upload_lost');
    let offset = await (this.upload === null ? this.#create() : this.#ask());
    while (offset < this.file.size) offset = await this.#send(offset);
  }

  async #create() {
    const { name, type, alt, size } = this.file;
    const headers = { ...TUS, 'upload-length': String(size), 'upload-metadata': metadataOf({ filename: name, filetype: type, alt }) };
    const answer = await this.#request({ method: 'POST', path: `/api/rooms/${encodeURIComponent(this.ports.room)}/uploads`, headers });
    this.upload = /[^/]+$/.exec(answer.header('location') ?? '')?.[0] ?? null;
    if (this.upload === null) throw new NotNow();
    this.ports.onUpload(this.upload);
    return 0;
  }

  /** @returns {Promise<number>} how much the server has */
  async #ask() {
    return this.#got(await this.#request({ method: 'HEAD', path: this.#path, headers: TUS }));
  }

  /** @param {number} offset */
  async #send(offset) {
    const headers = { ...TUS, 'upload-offset': String(offset), 'content-type': 'application/offset+octet-stream' };
    const onProgress = (/** @type {number} */ sent) => this.ports.onProgress(offset + sent);
    return this.#got(await this.#request({ method: 'PATCH', path: this.#path, headers, body: this.#bytes?.slice(offset), onProgress }));
  }

  /** @param {HttpAnswer} answer */
  #got(answer) {
    const offset = Number(answer.header('upload-offset') ?? NaN);
    if (!Number.isSafeInteger(offset)) throw new NotNow();
    if (offset > this.#reached) [this.#reached, this.#inARow] = [offset, 0];
    this.ports.onProgress(offset);
    return offset;
  }

  /** It waited for longer than it is kept: it is made anew, at once. Where that does not last either, later and later. */
  #begin() {
    this.upload = null;
    this.#reached = 0;
    this.#died += 1;
    return new NotNow(this.#died === 1 ? 0 : retryMs(this.#died - 2));
  }

  /** A picture is decoded and written anew before anybody may have it. */
  async #untilLookedAt() {
    for (let ms = LOOK_MS; ; ms = Math.min(LOOK_GROWS * ms, LONGEST_LOOK_MS)) {
      const answer = await this.#request({ method: 'GET', path: this.#path });
      const { state, why } = answer.body ?? {};
      if (state === 'ready') return;
      if (state === 'refused') throw new FileRefused({ code: 'upload_refused', why, retryable: false });
      if (state === 'receiving') throw new NotNow();
      await this.ports.pause.for(ms);
      if (this.#stop.signal.aborted) throw new NotNow();
    }
  }

  /**
   * @param {import('../types.js').HttpRequest} request
   * @returns {Promise<HttpAnswer>}
   * @throws {FileRefused | NotNow}
   */
  async #request(request) {
    const answer = await this.ports.http({ ...request, signal: this.#stop.signal });
    if (answer.status < 300) return answer;
    if (GONE.has(answer.status) && request.method !== 'POST') throw this.#begin();
    const refusal = answer.body?.error ?? { code: 'internal', retryable: answer.status >= 500 };
    const ms = refusal.retry_after_ms ?? afterMs(answer);
    const isLater = refusal.retryable || answer.status >= 500 || AGAIN.has(answer.status);
    if (isLater && !(ms > LONGEST_WAIT_MS)) throw new NotNow(ms, answer.body?.error);
    throw new FileRefused(refusal);
  }
}

/** @param {string} code @returns {never} @throws {FileRefused} */
function refuse(code) {
  throw new FileRefused({ code, retryable: false });
}

/** @param {HttpAnswer} answer */
function afterMs(answer) {
  const seconds = Number(answer.header('retry-after') ?? NaN);
  return Number.isFinite(seconds) ? seconds * 1_000 : undefined;
}

/** As the protocol wants it: names, and beside each what it says in base64. @param {Record<string, string | undefined>} said */
function metadataOf(said) {
  return Object.entries(said).filter(([, value]) => value).map(([name, value = '']) => `${name} ${base64(value)}`).join(',');
}

/** @param {string} text */
function base64(text) {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}
