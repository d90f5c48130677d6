/**
 * Where one writes: a message, an answer to one, or other words for one that was sent. It grows with the text, keeps
 * the draft, and is never switched off: what cannot be sent now waits in the outbox.
 */

import { part, setText } from '../dom/element.js';
import { counterOf, showsNothing, writtenOf } from '../text/text-length.js';
import { plural } from '../text/times.js';
import { complete } from './completing.js';
import { ComposerFiles } from './composer-files.js';
import { offerEmoji } from './emoji-button.js';
import { Target } from './target.js';

const COMPOSING_KEY = 229;

/** @typedef {{text: string, replyTo: number | null, files: import('./composer-files.js').ChosenFile[]}} Written */

export class Composer {
  #form = part('composer', HTMLFormElement);
  #input = part('composer-input', HTMLTextAreaElement);
  #count = part('composer-count', HTMLElement);
  #send = part('composer-send', HTMLButtonElement);
  #closeCompletion = () => {};
  /** What was said about a text that has changed since. */
  #unsay = () => {};

  /**
   * @param {import('./target.js').TargetPorts & {onSend: (message: Written) => void, offersFiles: () => boolean,
   *   filesBy: import('../files/ports.js').By, onEdit: (edit: import('./target.js').Edit) => void, onWrite: (hasText: boolean) => void,
   *   onUp: () => boolean, calling: import('../../chat/messages/calling.js').Calling, onProblem: (words: string) => () => void}} ports
   *   `onUp`: whether there is a message to change above an empty field; `onProblem` gives how to take it back; `offersFiles`: whether the server takes any, as far as one knows
   */
  constructor({ draft, onSend, onEdit, onWrite, onUp, onProblem, offersFiles, filesBy, calling, ...target }) {
    this.draft = draft;
    this.onSend = onSend;
    this.onEdit = onEdit;
    this.onWrite = onWrite;
    this.onUp = onUp;
    this.onProblem = onProblem;
    this.target = new Target({ draft, ...target, onLeave: () => this.leave() });
    this.files = new ComposerFiles({ isOffered: offersFiles, by: filesBy, draft, onProblem, onChange: (isPersons) => this.#filesChanged(isPersons) });
    this.#begin();
    this.#listen();
    offerEmoji(this.#input, onProblem);
    this.#closeCompletion = complete(this.#input, calling);
    this.#changed();
    if (this.target.edit) this.files.edit(this.target.edit.files ?? []);
    void this.#takeOver();
  }

  /** With what is kept, or what was written before there was a script. */
  #begin() {
    const { edit } = this.target;
    if (edit && this.#input.value !== '') this.draft.keep(this.#input.value);
    if (edit) this.#input.value = edit.text;
    else this.#input.value ||= this.draft.text;
  }

  /** @param {import('./target.js').Edit} edit */
  edit(edit) {
    this.#unsay();
    this.target.beginEdit(edit);
    this.files.edit(edit.files ?? []);
    this.#put(edit.text);
  }

  /** @param {number} seq */
  reply(seq) {
    const text = this.target.edit ? this.draft.text : this.#input.value;
    if (this.target.edit) this.#endEdit();
    this.target.answer(seq);
    this.target.keep(text);
    this.#put(text);
  }

  /** Back to the text of the room; of an answer the text stays, and is none any more. */
  leave() {
    this.#leave();
    this.focus();
  }

  /** The message that the text is about may say something else by now, or be gone. */
  look() {
    const { edit, isGone } = this.target;
    if (!isGone) return this.target.show();
    this.#leave();
    this.onProblem(`The message that you were ${edit ? 'changing' : 'answering'} is not there any more.`);
  }

  #leave() {
    this.#unsay();
    const isEdit = this.target.edit !== null;
    if (isEdit) this.#endEdit();
    else this.target.answer(null);
    if (isEdit) this.#write(this.draft.text);
    else this.target.keep(this.#input.value);
  }

  #endEdit() {
    this.target.endEdit();
    this.files.edit(null);
  }

  /** @param {string} text */
  #put(text) {
    this.#write(text);
    this.focus();
  }

  /** @param {string} text */
  #write(text) {
    this.#input.value = text;
    this.#input.setSelectionRange(text.length, text.length);
    this.#replaced();
  }

  focus() {
    this.#input.focus();
  }

  #listen() {
    this.#input.addEventListener('keydown', (event) => this.#pressed(event));
    this.#input.addEventListener('input', () => {
      this.#unsay();
      this.#changed();
      this.target.keep(this.#input.value);
      this.onWrite(!showsNothing(this.#input.value) && this.target.edit === null);
    });
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#submit();
    });
    // The keyboard of a phone stays open: the button does not take the focus.
    this.#send.addEventListener('pointerdown', (event) => event.preventDefault());
    new ResizeObserver(() => this.#grow()).observe(this.#form);
    window.addEventListener('storage', ({ key }) => key === this.draft.key && this.#withdrawTaken());
    // A page that slept, or was kept as it was, has heard of nothing.
    for (const waking of ['pageshow', 'focus']) window.addEventListener(waking, () => this.#withdrawTaken());
  }

  /** What a closed tab has left is written on here, unless one has begun something else meanwhile. */
  async #takeOver() {
    const isFree = () => this.#input.value === '' && this.target.of === null;
    const left = await this.draft.takeOver(isFree);
    if (left !== '') {
      this.target.answer(this.draft.replyTo);
      this.#input.value = left;
      this.#replaced();
    }
    this.files.takeOver(this.draft.takenFrom, () => left !== '' ? this.#input.value === left : isFree());
  }

  /** Another tab has taken the text over: it is sent there, or not at all. @returns {boolean} */
  #withdrawTaken() {
    if (!this.draft.isTaken) return false;
    if (this.target.edit) {
      this.draft.forget(); // there is none to come back to
      return false;
    }
    if (this.#input.value !== this.draft.text) return false;
    this.#input.value = '';
    this.draft.forget();
    this.target.answer(null);
    this.#replaced();
    return true;
  }

  /** @param {KeyboardEvent} event */
  #pressed(event) {
    const isComposing = event.isComposing || event.keyCode === COMPOSING_KEY;
    if (isComposing) return;
    const act = { Enter: () => this.#enter(event), Escape: () => this.#escape(), ArrowUp: () => this.#up(event) }[event.key];
    if (act?.()) event.preventDefault();
  }

  /** @param {KeyboardEvent} event @returns {boolean} whether there is nothing left to do for the browser */
  #enter(event) {
    const isTouch = matchMedia('(pointer: coarse)').matches;
    const breaks = event.shiftKey || event.altKey || (isTouch && !event.ctrlKey && !event.metaKey);
    if (!breaks) this.#submit();
    return !breaks;
  }

  #escape() {
    if (this.target.of === null) return false;
    this.leave();
    return true;
  }

  /** @param {KeyboardEvent} event */
  #up({ shiftKey, altKey, ctrlKey, metaKey }) {
    const isBare = !(shiftKey || altKey || ctrlKey || metaKey);
    return isBare && this.#input.value === '' && this.target.of === null && this.onUp();
  }

  #submit() {
    if (!this.files.areHere) return void this.files.come().then((areHere) => areHere && this.#submit());
    if (this.#withdrawTaken()) return void this.onProblem('What you wrote here is in another tab of this room now.');
    const text = writtenOf(this.#input.value);
    const problem = this.#problemOf(text);
    if (problem !== '') this.#unsay = this.onProblem(problem);
    if (problem !== '' || (showsNothing(text) && this.files.isEmpty)) return;
    this.#unsay();
    const { edit, replyTo } = this.target;
    if (edit) return this.#submitEdit(edit, showsNothing(text) ? '' : text);
    this.#input.value = '';
    this.draft.forget();
    this.target.answer(null);
    const files = this.files.take();
    this.#replaced();
    this.onSend({ text: showsNothing(text) ? '' : text, replyTo, files });
  }

  /**
   * @param {import('./target.js').Edit} edit
   * @param {string} text
   */
  #submitEdit(edit, text) {
    const files = this.files.kept;
    const isOther = text !== edit.before || files.length < (edit.files ?? []).length;
    this.leave();
    if (isOther) this.onEdit({ ...edit, text, files });
  }

  /** @param {string} text */
  #problemOf(text) {
    if (this.target.edit && showsNothing(text) && this.files.isEmpty) return 'Nothing would be left of the message. To take it back, delete it.';
    if (this.target.isAway) return 'The message that this is about is not loaded yet. Please try again in a moment.';
    const { over } = counterOf(text);
    return over > 0 ? `The message is too long: ${plural(over, 'character')} too many. Shorten it, or send it in two.` : '';
  }

  /** By the page, and not by who writes. */
  #replaced() {
    this.#closeCompletion();
    this.#changed();
  }

  #changed() {
    const text = this.#input.value;
    const { words, over } = counterOf(writtenOf(text));
    setText(this.#count, words);
    this.#count.toggleAttribute('data-over', over > 0);
    this.#form.toggleAttribute('data-has-text', !showsNothing(text) || !this.files.isEmpty);
    this.#grow();
  }

  /** One writes on: a text to go with them, or Enter. */
  #filesChanged(isPersons = false) {
    this.#unsay();
    this.#changed();
    if (isPersons && !this.#form.contains(document.activeElement)) this.focus();
  }

  /** Measured in a form that keeps its height meanwhile: the list above would move for a moment, and stay there. */
  #grow() {
    if (CSS.supports('field-sizing', 'content')) return;
    this.#form.style.minHeight = `${this.#form.offsetHeight}px`;
    this.#input.style.height = 'auto';
    this.#input.style.height = `${this.#input.scrollHeight}px`;
    this.#form.style.minHeight = '';
  }
}
