/**
 * Where files are found, and their smaller pictures. A page that is signed in by its cookie names them as they are; where there is only a
 * token, which a picture cannot show, the server signs an address for some minutes.
 */

import { ask } from './ask.js';

/** An address is asked for anew before it ends. */
const SPARE_MS = 60_000;

/** All of one page know what was signed. @type {WeakMap<object, FileAddresses>} */
const KNOWN = new WeakMap();

/** @param {{server: string, token: () => string | null}} by the same for the whole page */
export function addressesOf(by) {
  const addresses = KNOWN.get(by) ?? new FileAddresses(by);
  KNOWN.set(by, addresses);
  return addresses;
}

export class FileAddresses {
  /** By the id of a file. @type {Map<string, {query: string, until: number}>} */
  #signed = new Map();

  /** @param {{server: string, token: () => string | null}} by */
  constructor(by) {
    this.by = by;
  }

  /** @param {string} id @param {number} [thumb] of a picture, one that there is @returns {string} as it is known now */
  now(id, thumb) {
    return `${this.by.server}/files/${id}${thumb ? `/${thumb}` : ''}${this.#signed.get(id)?.query ?? ''}`;
  }

  /** Whether it has to be signed first. @param {string} id */
  isUnknown(id) {
    return this.by.token() !== null && (this.#signed.get(id)?.until ?? 0) <= Date.now() + SPARE_MS;
  }

  /** @param {string} id @param {number} [thumb] @returns {Promise<string>} */
  async of(id, thumb) {
    if (this.isUnknown(id)) await this.#sign(id);
    return this.now(id, thumb);
  }

  /** Nothing more is to be had of it: it was deleted, or has expired. @param {string} id @returns {Promise<boolean>} */
  async isGone(id) {
    const status = await ask(this.by, 'HEAD', `/files/${id}`).then((answer) => answer.status, () => 0);
    return status === 404 || status === 410;
  }

  /** @param {string} id */
  async #sign(id) {
    const answer = await ask(this.by, 'GET', `/api/files/${id}/address`).catch(() => null);
    if (!answer?.ok) return; // what is asked for then says what is wrong
    const { address, expires_at } = await answer.json();
    this.#signed.set(id, { query: new URL(address, location.href).search, until: expires_at });
  }
}
