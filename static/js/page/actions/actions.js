/**
 * What one does with a message: who may do what, and what comes of it. What opens for it (menu, sheet, picker, “Undo”) is
 * loaded when it is wanted.
 *
 * @typedef {import('../timeline/row-tools.js').Act} Act
 * @typedef {import('../timeline/row-tools.js').MessageLine} MessageLine
 * @typedef {import('./ports.js').ActionPorts} ActionPorts
 */

import { quotedWords } from '../text/files-words.js';
import { shortened } from '../text/shortened.js';

const EXCERPT = 140;
/** What the server must offer for it. @type {[Act, string][]} */
const FEATURES = [['react', 'react'], ['reply', 'message.reply_to'], ['edit', 'edit'], ['delete', 'delete']];
/** Of one’s own messages only. @type {Set<Act>} */
const OWN = new Set(['edit', 'delete']);

export class MessageActions {
  /** @param {ActionPorts} ports */
  constructor(ports) {
    this.ports = ports;
  }

  /** @param {MessageLine} line @returns {Set<Act>} */
  may({ seq, state, isMine, isDeleted }) {
    const isOnItsWay = isMine && (state === 'waiting' || state === 'sending');
    if (isDeleted || (state !== 'sent' && !isOnItsWay)) return new Set();
    const { features } = this.ports.room;
    const offered = FEATURES.filter(([act, feature]) => features.has(feature) && (OWN.has(act) ? isMine : seq !== null));
    return new Set([...offered.map(([act]) => act), ...(seq === null ? [] : [/** @type {Act} */ ('more')])]);
  }

  get canReact() {
    return this.ports.room.features.has('react');
  }

  /** The newest of one’s own that can be changed. */
  lastOwn() {
    const last = this.ports.room.lines().findLast((line) => line.kind === 'message' && this.may(line).has('edit'));
    return last?.kind === 'message' ? last : null;
  }

  /**
   * What a text in the composer is about.
   *
   * @param {number | string} of
   * @returns {import('../composer/target.js').About | 'gone' | null}
   */
  about(of) {
    const line = this.lineOf(of);
    if (line && !line.isDeleted) {
      return { author: line.author.name, excerpt: quotedWords(shortened(line.content, EXCERPT), line.body.uploads?.length ?? 0) };
    }
    const isKnown = typeof of === 'string' || this.ports.room.log.isKnown(of);
    return line || isKnown ? 'gone' : null;
  }

  /** @param {number | string} of its seq or its client id */
  lineOf(of) {
    const line = this.ports.room.lines().findLast((one) => one.kind === 'message' && (one.seq === of || one.clientId === of));
    return line?.kind === 'message' ? line : null;
  }

  /**
   * @param {Act} act
   * @param {MessageLine} line
   * @param {HTMLElement} at where it was asked for
   */
  act(act, line, at) {
    if (act === 'edit') this.ports.edit(line);
    else if (act === 'reply') this.ports.reply(line);
    else if (act === 'delete') void this.#open((opened) => opened.deleteWithUndo(line, this.ports));
    else void this.#open((opened) => opened.openMenu({ line, at, asks: act, may: this.may(line), actions: this, ports: this.ports }));
  }

  /**
   * @param {MessageLine} line
   * @param {string} emoji
   */
  react({ seq, mine }, emoji) {
    if (seq !== null) this.ports.room.react(seq, emoji, !mine.includes(emoji));
  }

  /** @param {MessageLine} line */
  follow({ seq, body }) {
    if (seq !== null && body.quote) this.ports.follow(seq, body.quote.seq);
  }

  /** It may have got its place meanwhile. @param {import('../storage/edit-draft.js').Edit} edit */
  save({ of, text, base, files }) {
    const line = this.lineOf(of);
    const uploads = files && files.length < (line?.body.uploads ?? []).length ? { uploads: this.#idsNow(line, files) } : {};
    this.ports.room.edit(line?.seq ?? of, text, { ...(base === null ? {} : { base }), ...uploads });
  }

  /**
   * Files that were on their way may have got their ids.
   *
   * @param {MessageLine | null} line
   * @param {import('../../chat/types.js').Upload[]} files
   */
  #idsNow(line, files) {
    const { files: own } = this.ports.room;
    const names = new Set(files.flatMap(({ id, key = id }) => [id, key]));
    const now = line?.body.uploads ?? [];
    return now.map(({ id }) => id).filter((id) => names.has(id) || names.has(own.keyOf(id) ?? ''));
  }

  /** @param {MessageLine} line whose new words came too late for the old ones */
  compare(line) {
    void this.#open((opened) => opened.compare(line, this.ports));
  }

  /** @param {(opened: typeof import('./opened.js')) => void} then */
  async #open(then) {
    try {
      then(await import('./opened.js'));
    } catch {
      this.ports.onProblem('The server cannot be reached. Please try again.');
    }
  }
}
