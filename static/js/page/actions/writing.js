/** What one writes, and what one does with what was written: the composer, and the actions of which some lead there. */

import { copyText } from '../browser/clipboard.js';
import { Composer } from '../composer/composer.js';
import { EditDraft } from '../storage/edit-draft.js';
import { maxBytes } from '../composer/composer-files.js';
import { MessageActions } from './actions.js';

/**
 * @typedef {import('../timeline/row-tools.js').MessageLine} MessageLine
 * @typedef {import('./ports.js').ActionPorts} ActionPorts
 * @typedef {{draft: import('../storage/draft.js').RoomDraft, list: () => import('../timeline/message-list.js').MessageList,
 *   toNewest: () => void, onProblem: (words: string) => () => void, filesBy: import('../files/ports.js').By}
 *   & Pick<ActionPorts, 'room' | 'follow' | 'copyMessageLink'>} WritingPorts  `list`: it is made later
 */

export class Writing {
  /** What a text is about, and was asked for. @type {number | string | null} */
  #sought = null;

  /** @param {WritingPorts} ports */
  constructor({ room, draft, list, follow, copyMessageLink, toNewest, onProblem, filesBy }) {
    this.room = room;
    this.list = list;
    this.toNewest = toNewest;
    const actions = new MessageActions({
      room, follow, copyMessageLink, onProblem, copy: copyText, rowOf: (seq) => this.#rowOf(seq), toList: () => list().focus(),
      edit: (line, text) => this.#edit(line, text), reply: ({ seq }) => seq !== null && this.composer.reply(seq),
    });
    this.actions = actions;
    this.composer = new Composer({
      draft, calling: room.calling, edits: new EditDraft(room.id), about: (of) => actions.about(of), onProblem,
      offersFiles: () => offersFiles(room), filesBy, onSend: (written) => this.#send(written), onEdit: (edit) => actions.save(edit), onUp: () => this.#editLast(),
      onWrite: (hasText) => (hasText ? room.typing.write() : room.typing.rest()), onTarget: () => list().render(),
    });
  }

  /** Something has come, or was changed. What a text is about, that was kept over a reload, may stand far above. */
  look() {
    this.composer.look();
    const { of, isAway } = this.composer.target;
    if (!isAway || of === this.#sought || typeof of !== 'number' || this.room.log.phase !== 'joined') return;
    this.#sought = of;
    this.room.around(of);
  }

  /** @param {import('../composer/composer.js').Written} written */
  #send({ text, replyTo, files }) {
    this.toNewest();
    this.room.send(text, { replyTo, files });
  }

  /**
   * @param {MessageLine} line
   * @param {string} [text]
   */
  #edit({ seq, clientId, ts, body, content, change }, text = content) {
    const base = change ? null : (body.edited_seq ?? seq); // of words that are on their way nobody knows the seq
    const files = this.room.features.has('edit.uploads') ? body.uploads : undefined;
    this.composer.edit({ of: seq ?? clientId ?? '', ts, base, before: content, text, ...(files ? { files } : {}) });
  }

  /** @returns {boolean} whether there is one */
  #editLast() {
    const last = this.actions.lastOwn();
    if (last === null) return false;
    if (last.seq !== null) this.list().toMessage(last.seq);
    this.#edit(last);
    return true;
  }

  /** Also of what came back a moment ago. @param {number} seq */
  #rowOf(seq) {
    this.list().render();
    return this.list().toMessage(seq);
  }
}

/** A page may be older than its server, or know a server only by what came with it. @param {import('../../chat/room.js').Room} room */
function offersFiles({ features }) {
  return maxBytes() > 0 && (features.size === 0 || features.has('message.uploads'));
}
