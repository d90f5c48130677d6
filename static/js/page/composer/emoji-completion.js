/**
 * Completes `:sho` to an emoji while one writes. The focus stays where it is: the arrows choose, Enter and Tab take, Esc leaves
 * the text as it is. What it takes is loaded with the first such word.
 */

import { element, setAttributes } from '../dom/element.js';
import { ownTone, rememberEmoji, toned } from '../emoji/own-emoji.js';

const BEGUN = /(?:^|[\s(])(:[\p{L}\p{N}_+-]{2,30})$/u;
const MOST = 6;
const STEPS = /** @type {Record<string, number>} */ ({ ArrowDown: 1, ArrowUp: -1 });

/** @typedef {import('../emoji/find-emoji.js').Emoji} Emoji */

export class EmojiCompletion {
  #list = element('ul', { id: 'completion', class: 'completion', role: 'listbox', 'aria-label': 'Emoji', 'data-testid': 'completion', hidden: true });
  /** @type {Emoji[]} */
  #found = [];
  #chosen = 0;
  /** What was refused, as long as it stands there. */
  #left = '';

  /** @param {HTMLTextAreaElement} input */
  constructor(input) {
    this.input = input;
    input.form?.before(this.#list);
    setAttributes(input, { 'aria-autocomplete': 'list', 'aria-controls': 'completion' });
    input.addEventListener('input', () => this.#look());
    input.addEventListener('blur', () => this.#show([]));
    // Before what else hears of a key: while there is something to choose, Enter does not send.
    input.addEventListener('keydown', (event) => this.#pressed(event), { capture: true });
    this.#list.addEventListener('pointerdown', (event) => {
      event.preventDefault(); // one goes on writing
      const option = event.target instanceof Element ? event.target.closest('[role=option]') : null;
      if (option) this.#take([...this.#list.children].indexOf(option));
    });
  }

  get #word() {
    const { value, selectionStart, selectionEnd } = this.input;
    return selectionStart === selectionEnd ? (BEGUN.exec(value.slice(0, selectionStart))?.[1] ?? '') : '';
  }

  async #look() {
    const word = this.#word;
    if (word === '' || word === this.#left) return this.#show([]);
    this.#left = '';
    try {
      const { findEmoji } = await import('../emoji/find-emoji.js');
      if (this.#word === word) this.#show(findEmoji(word, MOST));
    } catch {
      this.#show([]); // one can write without
    }
  }

  /** @param {Emoji[]} found */
  #show(found) {
    this.#found = found;
    this.#list.hidden = found.length === 0;
    this.#list.replaceChildren(...found.map(({ emoji, names }, index) => element(
      'li', { id: `completion-${index}`, class: 'completion-option', role: 'option' }, element('span', { class: 'completion-emoji' }, toned(emoji, ownTone())), ` :${names[0]}:`,
    )));
    this.#choose(0);
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
    event.preventDefault();
    event.stopImmediatePropagation();
    if (step !== undefined) return this.#choose((this.#chosen + step + count) % count);
    if (event.key !== 'Escape') return this.#take(this.#chosen);
    this.#left = this.#word;
    this.#show([]);
  }

  /** @param {number} index */
  #take(index) {
    const { emoji } = this.#found[index];
    const word = this.#word;
    const end = this.input.selectionStart;
    rememberEmoji(emoji);
    this.input.setRangeText(`${toned(emoji, ownTone())} `, end - word.length, end, 'end');
    this.input.dispatchEvent(new InputEvent('input', { bubbles: true }));
  }
}
