/**
 * The message that the page's address names: what is around it is loaded, it is brought onto the screen and
 * stands out until one goes on to something else.
 */

import { hashOf, seqOf } from '../messages/message-hash.js';
import { spanInWords } from '../text/times.js';

/**
 * @typedef {'deleted' | 'removed' | 'future' | 'unknown'} Missing  by its author; not in the log any more; not yet; it could not be loaded
 * @typedef {{room: import('../../chat/room.js').Room, list: import('./message-list.js').MessageList,
 *   onMissing: (why: Missing) => void}} LinkPorts
 */

export class LinkedMessage {
  /** @type {number | null} */
  seq = seqOf(location.hash);
  /** One has not been brought there yet. */
  isAwaited = this.seq !== null;
  #isAsked = false;
  #hasOpened = false;

  /** @param {LinkPorts} ports */
  constructor({ room, list, onMissing }) {
    this.room = room;
    this.list = list;
    this.onMissing = onMissing;
    window.addEventListener('hashchange', () => this.#follow());
  }

  /** Whether the list waits for it before it shows anything. */
  get isOpening() {
    return this.isAwaited && !this.#hasOpened && this.room.status.state !== 'refused';
  }

  /** The connection has changed, or something has come. */
  settle() {
    const { room, seq } = this;
    if (room.log.phase !== 'joined') this.#isAsked = false;
    if (!this.isAwaited || seq === null || room.log.phase !== 'joined') return;
    if (!this.#isAsked && seq <= room.log.last) room.around(seq);
    this.#isAsked = true;
    if (!room.log.isLoadingAround(seq)) this.#arrive(seq);
  }

  /** Without a step of the browser’s own. @param {number} seq */
  open(seq) {
    history.replaceState(history.state, '', hashOf(seq));
    this.#hasOpened = true;
    this.#follow();
  }

  /** On to something else: the address names the room alone again. */
  forget() {
    if (this.seq === null) return;
    this.seq = null;
    this.isAwaited = false;
    history.replaceState(history.state, '', location.pathname + location.search);
    this.list.render();
  }

  #follow() {
    this.seq = seqOf(location.hash);
    this.isAwaited = this.seq !== null;
    this.#isAsked = false;
    this.list.render();
    this.settle();
  }

  /** @param {number} seq */
  #arrive(seq) {
    this.isAwaited = false;
    this.#hasOpened = true;
    this.list.render();
    const row = this.list.toMessage(seq);
    if (row?.localName === 'article') row.focus({ preventScroll: true });
    else this.onMissing(this.#whyMissing(seq));
  }

  /** @param {number} seq @returns {Missing} */
  #whyMissing(seq) {
    const { log } = this.room;
    if (seq > log.last) return 'future';
    if (log.messageAt(seq)?.body.deleted) return 'deleted';
    return log.isKnown(seq) ? 'removed' : 'unknown';
  }
}

/**
 * @param {Missing} why
 * @param {number} retentionMs
 */
export function missingWords(why, retentionMs) {
  return {
    deleted: 'That message was deleted.',
    removed: `That message is not here any more: messages are removed after ${spanInWords(retentionMs)}.`,
    future: 'There is no such message in this room.', unknown: 'That message could not be loaded. Please open its link again.',
  }[why];
}
