/**
 * Where one writes. It grows with the text, keeps the draft, and is never switched off: what cannot
 * be sent now waits in the outbox.
 */

import { part, setText } from '../dom/element.js';
import { counterOf, showsNothing, writtenOf } from '../text/text-length.js';
import { plural } from '../text/times.js';
import { offerEmoji } from './emoji-button.js';

const COMPOSING_KEY = 229;

export class Composer {
  #form = part('composer', HTMLFormElement);
  #input = part('composer-input', HTMLTextAreaElement);
  #count = part('composer-count', HTMLElement);
  #send = part('composer-send', HTMLButtonElement);
  /** What was said about a text that has changed since. */
  #unsay = () => {};

  /**
   * @param {{draft: import('../storage/draft.js').RoomDraft, onSend: (text: string) => void, onWrite: (hasText: boolean) => void,
   *   onProblem: (words: string) => () => void}} ports  `onProblem` gives how to take it back
   */
  constructor({ draft, onSend, onWrite, onProblem }) {
    this.draft = draft;
    this.onSend = onSend;
    this.onWrite = onWrite;
    this.onProblem = onProblem;
    this.#input.value ||= draft.text; // or what was written before there was a script
    this.#listen();
    offerEmoji(this.#input, onProblem);
    this.#changed();
    void this.#takeOver();
  }

  focus() {
    this.#input.focus();
  }

  #listen() {
    this.#input.addEventListener('keydown', (event) => this.#pressed(event));
    this.#input.addEventListener('input', () => {
      this.#unsay();
      this.#changed();
      this.draft.keep(this.#input.value);
      this.onWrite(!showsNothing(this.#input.value));
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
    const left = await this.draft.takeOver(() => this.#input.value === '');
    if (left === '') return;
    this.#input.value = left;
    this.#changed();
  }

  /** Another tab has taken the text over: it is sent there, or not at all. @returns {boolean} */
  #withdrawTaken() {
    if (!this.draft.isTaken || this.#input.value !== this.draft.text) return false;
    this.#input.value = '';
    this.draft.forget();
    this.#changed();
    return true;
  }

  /** @param {KeyboardEvent} event */
  #pressed(event) {
    const isComposing = event.isComposing || event.keyCode === COMPOSING_KEY;
    const isTouch = matchMedia('(pointer: coarse)').matches;
    const breaks = event.shiftKey || event.altKey || (isTouch && !event.ctrlKey && !event.metaKey);
    if (event.key !== 'Enter' || isComposing || breaks) return;
    event.preventDefault();
    this.#submit();
  }

  #submit() {
    if (this.#withdrawTaken()) return void this.onProblem('What you wrote here is in another tab of this room now.');
    const text = writtenOf(this.#input.value);
    const { over } = counterOf(text);
    if (showsNothing(text)) return;
    if (over > 0) {
      this.#unsay = this.onProblem(`The message is too long: ${plural(over, 'character')} too many. Shorten it, or send it in two.`);
      return;
    }
    this.#unsay();
    this.#input.value = '';
    this.draft.forget();
    this.#changed();
    this.onSend(text);
  }

  #changed() {
    const text = this.#input.value;
    const { words, over } = counterOf(writtenOf(text));
    setText(this.#count, words);
    this.#count.toggleAttribute('data-over', over > 0);
    this.#form.toggleAttribute('data-has-text', !showsNothing(text));
    this.#grow();
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
