/** Where the bytes of a file come from: from here, where it is one's own, or else from the server. */

import { addressOf } from './addresses.js';

/** @typedef {import('../../chat/types.js').Upload} Upload */

/** By the key of a file. @type {Map<string, string>} */
const URLS = new Map();

export class Source {
  /**
   * @param {import('../../chat/room.js').Room} room
   * @param {Upload} upload
   * @param {string} key
   */
  constructor(room, upload, key) {
    this.room = room;
    this.upload = upload;
    this.key = key;
  }

  /** Of one's own. @returns {string | null} */
  get local() {
    const bytes = this.room.files.bytes.get(this.key);
    const known = URLS.get(this.key);
    if (known || !bytes) return known ?? null;
    const url = URL.createObjectURL(bytes);
    URLS.set(this.key, url);
    return url;
  }

  /** One's own of before a reload is here in a moment. @returns {Promise<string | null>} */
  async kept() {
    if (this.upload.key !== undefined) await this.room.files.fetch(this.key);
    return this.local;
  }

  /** @param {number} [thumb] */
  remote(thumb) {
    return addressOf(this.upload.id, thumb);
  }

  /** Nothing more is to be had of it: it was deleted, or has expired. @returns {Promise<boolean>} */
  async isGone() {
    try {
      const { status } = await fetch(this.remote(), { method: 'HEAD', credentials: 'same-origin' });
      return status === 404 || status === 410;
    } catch {
      return false;
    }
  }
}
