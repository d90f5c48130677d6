/**
 * Completes what one begins to write: `:sho` to an emoji, `@an` to a name. The focus stays where it is: the arrows choose, Enter
 * and Tab take, Esc leaves the text as it is.
 *
 * @typedef {import('./completed.js').Choice} Choice
 * @typedef {import('./completed.js').Source} Source
 */

import { element, setAttributes } from '../dom/element.js';
import { emojiSource } from './emoji-source.js';
import { mentionSource } from './mention-source.js';
import { placeOfWord } from './word-place.js';

const STEPS = /** @type {Record<string, number>} */ ({ ArrowDown: 1, ArrowUp: -1 });

/**
 * @param {HTMLTextAreaElement} input
 * @param {import('../../chat/messages/calling.js').Calling} calling
 */
export function completionOf(input, calling) {
  return new Completion(input, [mentionSource(calling), emojiSource()]);
}

export class Completion {
  #list = element('ul', { id: 'completion', class: 'completion', role: 'listbox', 'data-testid': 'completion', hidden: true });
  /** @type {Choice[]} */
  #found = [];
  #chosen = 0;
  /** What was refused, or taken, as long as it stands there. */
  #left = '';

  /**
   * @param {HTMLTextAreaElement} input
   * @param {Source[]} sources
   */
  constructor(input, sources) {
    this.input = input;
    this.sources = sources;
    input.form?.before(this.#list);
    setAttributes(input, { 'aria-autocomplete': 'list', 'aria-controls': 'completion' });
    input.addEventListener('input', () => this.look());
    input.addEventListener('blur', () => this.close());
    // Before what else hears of a key: while there is something to choose, Enter does not send.
    input.addEventListener('keydown', (event) => this.#pressed(event), { capture: true });
    this.#list.addEventListener('pointerdown', (event) => {
      event.preventDefault(); // one goes on writing
      const option = event.target instanceof Element ? event.target.closest('[role=option]') : null;
      if (option) this.#take([...this.#list.children].indexOf(option));
    });
  }

  /** What was written is not there any more. */
  close() {
    this.#show([]);
  }

  /** What stands before the caret may be the beginning of something. */
  async look() {
    const begun = this.#begun;
    if (begun === null || begun.word === this.#left) return this.#show([]);
    this.#left = '';
    try {
      const found = await begun.source.find(begun.word);
      if (this.#begun?.word === begun.word) this.#show(found, begun.source.label);
    } catch {
      this.#show([]); // one can write without
    }
  }

  /** @returns {{source: Source, word: string} | null} */
  get #begun() {
    const { value, selectionStart, selectionEnd } = this.input;
    if (selectionStart !== selectionEnd) return null;
    const before = value.slice(0, selectionStart);
    for (const source of this.sources) {
      const word = source.begun.exec(before)?.[1];
      if (word !== undefined) return { source, word };
    }
    return null;
  }

  /**
   * @param {Choice[]} found
   * @param {string} [label]
   */
  #show(found, label = '') {
    this.#found = found;
    this.#list.hidden = found.length === 0;
    setAttributes(this.#list, { 'aria-label': label });
    this.#list.replaceChildren(...found.map(({ shown }, index) => element('li', { id: `completion-${index}`, class: 'completion-option', role: 'option' }, ...shown)));
    this.#choose(0);
    this.#stand();
  }

  /** At the word, as far as there is room beside it. */
  #stand() {
    const { word = '' } = this.#begun ?? {};
    if (this.#list.hidden || !(this.#list.offsetParent instanceof HTMLElement)) return;
    this.#list.style.left = '0'; // as wide as it would be
    const { x, isRightToLeft } = placeOfWord(this.input, word);
    const { left, width } = this.#list.offsetParent.getBoundingClientRect();
    const { marginLeft, marginRight } = getComputedStyle(this.#list);
    const room = width - this.#list.offsetWidth - parseFloat(marginRight);
    const wanted = x - left - (isRightToLeft ? this.#list.offsetWidth : 0);
    this.#list.style.left = `${Math.max(0, Math.min(wanted, room) - parseFloat(marginLeft))}px`;
  }

  /** @param {number} index */
  #choose(index) {
    this.#chosen = index;
    for (const [at, option] of [...this.#list.children].entries()) option.setAttribute('aria-selected', String(at === index));
    setAttributes(this.input, { 'aria-activedescendant': this.#found[index] ? `completion-${index}` : null });
  }

  /** @param {KeyboardEvent} event */
  #pressed(event) {
    const count = this.#found.length;
    if (count === 0 || event.isComposing || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const step = STEPS[event.key];
    if (step === undefined && !['Enter', 'Tab', 'Escape'].includes(event.key)) return;
    const begun = this.#begun;
    // Who has written it out goes on.
    if (begun === null || (event.key === 'Enter' && this.#found[this.#chosen].text === begun.word)) return this.#show([]);
    event.preventDefault();
    event.stopImmediatePropagation();
    if (step !== undefined) return this.#choose((this.#chosen + step + count) % count);
    if (event.key !== 'Escape') return this.#take(this.#chosen);
    this.#left = begun.word;
    this.#show([]);
  }

  /** @param {number} index */
  #take(index) {
    const { text, onTaken } = this.#found[index];
    const word = this.#begun?.word ?? '';
    const end = this.input.selectionStart;
    onTaken?.();
    this.input.setRangeText(`${text} `, end - word.length, end, 'end');
    this.#left = this.#begun?.word ?? '';
    this.input.dispatchEvent(new InputEvent('input', { bubbles: true }));
  }
}
