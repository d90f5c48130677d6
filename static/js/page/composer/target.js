/**
 * Which message the text in the composer is about: one of one's own that is changed, or one that is answered. A line above
 * says so; Esc leaves it. Meanwhile the room's draft waits where it is.
 *
 * @typedef {import('../storage/edit-draft.js').Edit} Edit
 * @typedef {{author: string, excerpt: string}} About
 * @typedef {{draft: import('../storage/draft.js').RoomDraft, edits: import('../storage/edit-draft.js').EditDraft,
 *   about: (of: number | string) => About | 'gone' | null, onTarget: () => void}} TargetPorts
 *   `about`: nothing: it is not loaded; `onTarget`: it is another one
 */

import { part, properName, setText } from '../dom/element.js';

export class Target {
  #bar = part('composer-target', HTMLElement);
  #what = part('composer-target-what', HTMLElement);
  #excerpt = part('composer-target-excerpt', HTMLElement);
  #leave = part('composer-target-leave', HTMLButtonElement);
  /** @type {Edit | null} */
  edit = null;
  /** @type {number | null} */
  replyTo = null;

  /** @param {TargetPorts & {onLeave: () => void}} ports */
  constructor({ draft, edits, about, onTarget, onLeave }) {
    this.draft = draft;
    this.edits = edits;
    this.about = about;
    this.onTarget = onTarget;
    this.edit = edits.kept;
    this.replyTo = draft.replyTo;
    this.#leave.addEventListener('click', onLeave);
    this.show();
  }

  /** Its seq, or its client id. */
  get of() {
    return this.edit?.of ?? this.replyTo;
  }

  get isGone() {
    return this.of !== null && this.about(this.of) === 'gone';
  }

  /** It is not loaded. */
  get isAway() {
    return this.of !== null && this.about(this.of) === null;
  }

  /** @param {string} text */
  keep(text) {
    if (this.edit) this.edits.keep((this.edit = { ...this.edit, text }));
    else this.draft.keep(text, this.replyTo);
  }

  /** @param {Edit} edit */
  beginEdit(edit) {
    this.edit = edit;
    this.edits.keep(edit);
    this.#changed();
  }

  /** The room's own text goes on, with what it answers. */
  endEdit() {
    this.edit = null;
    this.edits.forget();
    this.replyTo = this.draft.replyTo;
    this.#changed();
  }

  /** @param {number | null} seq */
  answer(seq) {
    this.replyTo = seq;
    this.show();
  }

  #changed() {
    this.show();
    this.onTarget();
  }

  show() {
    const { of } = this;
    this.#bar.hidden = of === null;
    if (of === null) return setText(this.#what, '');
    const about = this.about(of);
    const { author, excerpt } = about === null || about === 'gone' ? { author: '', excerpt: '' } : about;
    setText(this.#leave.querySelector('.visually-hidden') ?? this.#leave, this.edit ? 'Stop editing' : 'Do not reply');
    setText(this.#excerpt, excerpt);
    if (this.edit) return setText(this.#what, 'Editing');
    if (author !== '') this.#what.replaceChildren('Reply to ', properName(author));
    else setText(this.#what, 'Reply to a message');
  }
}
