/**
 * Where files go, in memory: the server's half of tus. `isDown`: no answer at all; `breaksAt`: the line breaks once, when so many bytes
 * of a file are there; `refuse` answers the next requests of a method.
 */

/** For rooms in which nobody sends any. */
export const noFiles = () => Promise.reject(new Error('no files here'));

export class SmallUploads {
  /** @type {Map<string, {id: string, size: number, bytes: Uint8Array[], state: string, metadata: string, why?: string, isInPieces?: boolean}>} */
  all = new Map();
  /** Everything that was asked, in order. @type {string[]} */
  asked = [];
  isDown = false;
  /** @type {number | null} */
  breaksAt = null;
  /** How often a picture is said to be looked at before it is ready. */
  looks = 0;
  /** So many questions whether it was looked at get no answer. */
  looksLost = 0;
  /** @type {Map<string, {status: number, error?: any}>} */
  refuse = new Map();

  /** @type {import('../../static/js/chat/types.js').Http} */
  http = async (request) => {
    await null;
    const { method, path, headers = {}, body, signal } = request;
    this.asked.push(`${method} ${path}`);
    if (this.isDown || signal?.aborted) throw new Error('no answer');
    const refused = this.refuse.get(method);
    if (refused) return answer(refused.status, {}, refused.error ? { error: refused.error } : null);
    if (method === 'POST') return this.#create(headers);
    const upload = this.all.get(path.split('/').at(-1) ?? '');
    if (!upload) return answer(404);
    if (method === 'PATCH') return this.#append(upload, Number(headers['upload-offset']), /** @type {Blob} */ (body));
    if (method === 'DELETE') this.all.delete(upload.id);
    return method === 'GET' ? answer(200, {}, this.#look(upload)) : answer(200, { 'upload-offset': String(lengthOf(upload)) });
  };

  /** @param {Record<string, string>} headers */
  #create(headers) {
    const id = `f${this.asked.length}`;
    this.all.set(id, { id, size: Number(headers['upload-length']), bytes: [], state: 'receiving', metadata: headers['upload-metadata'] });
    return answer(201, { location: `/api/uploads/${id}` });
  }

  /** @param {any} upload @param {number} offset @param {Blob} body */
  async #append(upload, offset, body) {
    if (offset !== lengthOf(upload)) return answer(409);
    if (upload.isInPieces) return answer(410, {}, { error: { code: 'upload_in_pieces', retryable: false } });
    const bytes = new Uint8Array(await body.arrayBuffer());
    const { breaksAt } = this;
    this.breaksAt = null;
    upload.bytes.push(breaksAt === null ? bytes : bytes.slice(0, breaksAt));
    if (breaksAt !== null) throw new Error('the line broke');
    if (lengthOf(upload) === upload.size) upload.state = this.looks > 0 ? 'looking' : 'ready';
    return answer(204, { 'upload-offset': String(lengthOf(upload)) });
  }

  /** @param {any} upload */
  #look(upload) {
    if (this.looksLost > 0) {
      this.looksLost -= 1;
      throw new Error('no answer');
    }
    if (upload.state === 'looking' && this.looks > 0) this.looks -= 1;
    else if (upload.state === 'looking') upload.state = 'ready';
    return { id: upload.id, state: upload.state, why: upload.why };
  }

  /** What has come of it. @param {string} id */
  textOf(id) {
    return Buffer.concat(this.all.get(id)?.bytes ?? []).toString();
  }
}

/** @param {{bytes: Uint8Array[]}} upload */
function lengthOf({ bytes }) {
  return bytes.reduce((sum, part) => sum + part.length, 0);
}

/** @param {number} status @param {Record<string, string>} [headers] @param {any} [body] */
function answer(status, headers = {}, body = null) {
  return { status, header: (/** @type {string} */ name) => headers[name] ?? null, body };
}
