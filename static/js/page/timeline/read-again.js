/**
 * Who was away for so long that nobody tells what became of the messages one sees has them read again, at once, and
 * stays with them: until they are here, the list is left as it is.
 */

export class ReadAgain {
  /** The message that the list is kept at. @type {number | null} */
  #seq = null;
  /** The log of which the rows are that one sees. @type {string | null} */
  #stream = null;

  /** @param {{room: import('../../chat/room.js').Room, list: () => import('./message-list.js').MessageList}} ports */
  constructor({ room, list }) {
    this.room = room;
    this.list = list;
  }

  get isUnderway() {
    return this.#seq !== null && this.room.log.isLoadingAround(this.#seq);
  }

  /** Rows are others now, or have left, and the screen does not show it yet. @param {number[]} seqs */
  changed(seqs) {
    const { log } = this.room;
    if (this.list().scroll.isAtEnd || log.stream !== this.#stream) return;
    const left = new Set(seqs.filter((seq) => !log.isKnown(seq)));
    this.#seq = this.list().visibleSeqs().find((seq) => left.has(seq)) ?? null;
    if (this.#seq !== null) this.room.around(this.#seq);
  }

  drawn() {
    this.#stream = this.room.log.stream;
  }
}
