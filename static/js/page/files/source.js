/** Where the bytes of a file come from: from here, where it is one's own, or else from the server. */

import { ownBytes } from './own-bytes.js';

/** @typedef {import('../../chat/types.js').Upload} Upload */

/** By the key of a file whose bytes are here. @type {Map<string, string>} */
const URLS = new Map();
/** Those who tell when they are not any more. @type {WeakSet<object>} */
const HEARD = new WeakSet();

export class Source {
  /**
   * @param {Upload} upload
   * @param {string} key
   * @param {{room: import('../../chat/room.js').Room, addresses: import('./addresses.js').FileAddresses}} ports
   */
  constructor(upload, key, { room, addresses }) {
    this.upload = upload;
    this.key = key;
    this.room = room;
    this.addresses = addresses;
  }

  /** Of one's own. @returns {string | null} */
  get local() {
    const bytes = ownBytes(this.room.files, this.upload);
    if (!bytes) return null;
    const known = URLS.get(this.key);
    if (known) return known;
    const url = URL.createObjectURL(bytes);
    URLS.set(this.key, url);
    this.#hear();
    return url;
  }

  #hear() {
    const { files } = this.room;
    if (HEARD.has(files)) return;
    HEARD.add(files);
    files.on('dropped', ({ key }) => {
      URL.revokeObjectURL(URLS.get(key) ?? '');
      URLS.delete(key);
    });
  }

  /** One's own of before a reload is here in a moment. @returns {Promise<string | null>} */
  async kept() {
    if (this.upload.key !== undefined && !this.local) await this.room.files.fetch(this.key).catch(() => null);
    return this.local;
  }

  /** @param {number} [thumb] */
  remote(thumb) {
    return this.addresses.now(this.upload.id, thumb);
  }

  /** As soon as the server's address is known, which it mostly is. @param {() => void} then */
  whenKnown(then) {
    if (this.addresses.isUnknown(this.upload.id)) void this.addresses.of(this.upload.id).then(then);
    else then();
  }

  isGone() {
    return this.addresses.isGone(this.upload.id);
  }
}
