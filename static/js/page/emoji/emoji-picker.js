/**
 * An emoji is chosen here: by a word, by the arrows, or by pointing at it. The focus stays where one types; which one the
 * arrows have come to is told by `aria-activedescendant`. It is a popover, so that Esc and a click beside it close it.
 */

import { button, element, setAttributes, setText } from '../dom/element.js';
import { icon } from '../dom/icon.js';
import { EMOJI_GROUPS, findEmoji } from './find-emoji.js';
import { ownTone, recentEmoji, rememberEmoji, rememberTone, toned, TONES } from './own-emoji.js';
import { placeBeside } from './place-beside.js';

const MOST_FOUND = 80;
const TONE_WORDS = ['Yellow', 'Light', 'Medium-light', 'Medium', 'Medium-dark', 'Dark'];

/** @typedef {import('./find-emoji.js').Emoji} Emoji */

export class EmojiPicker {
  #search = element('input', {
    class: 'input', role: 'combobox', 'aria-label': 'Search emoji', placeholder: 'Search emoji', 'aria-controls': 'emoji-found', 'aria-expanded': 'true',
    'aria-autocomplete': 'list', autocomplete: 'off', autocapitalize: 'none', spellcheck: 'false', enterkeyhint: 'done', maxlength: 60,
  });
  #tone = element('select', { class: 'input emoji-tone', 'aria-label': 'Skin tone' });
  #groups = element('div', { class: 'emoji-groups', role: 'group', 'aria-label': 'Groups of emoji' });
  #found = element('div', { id: 'emoji-found', class: 'emoji-found', role: 'listbox', 'aria-label': 'Emoji', tabindex: -1 });
  #note = element('p', { class: 'emoji-note', role: 'status' });
  #box = element('dialog', { class: 'emoji-picker', popover: 'auto', 'aria-label': 'Choose an emoji', 'data-testid': 'emoji-picker' });
  /** @type {HTMLElement | null} */
  #active = null;
  /** @type {Map<string, Emoji>} by how they are shown */
  #shown = new Map();
  /** @type {string | null} */
  #chosen = null;

  constructor() {
    const close = button('', 'icon-button emoji-close', () => this.#box.hidePopover());
    setAttributes(close, { 'aria-label': 'Close', title: 'Close' });
    close.append(icon('m5 5 10 10M15 5 5 15'));
    this.#tone.append(...TONES.map((tone, index) => element('option', { value: tone, 'aria-label': TONE_WORDS[index] }, toned('✋', tone))));
    this.#box.append(element('div', { class: 'emoji-head' }, this.#search, this.#tone, close), this.#groups, this.#found, this.#note);
    this.#search.addEventListener('input', () => this.#show());
    this.#search.addEventListener('keydown', (event) => this.#pressed(event));
    this.#tone.addEventListener('change', () => this.#recolour());
    this.#found.addEventListener('click', ({ target }) => target instanceof HTMLElement && target.role === 'option' && this.#choose(target));
  }

  /** @param {HTMLElement} anchor @returns {Promise<string | null>} */
  ask(anchor) {
    const opener = anchor instanceof HTMLButtonElement ? anchor : null;
    this.#tone.value = ownTone();
    document.body.append(this.#box);
    this.#show();
    if (opener) opener.popoverTargetElement = this.#box; // its next click closes it, and does not count as one beside it
    this.#box.showPopover();
    const place = () => placeBeside(this.#box, anchor);
    place();
    window.addEventListener('resize', place);
    // A phone’s keyboard would lie over half of them.
    if (matchMedia('(pointer: coarse)').matches) this.#found.focus();
    else this.#search.focus();
    return new Promise((resolve) => {
      this.#box.addEventListener('toggle', ({ newState }) => {
        if (newState !== 'closed') return;
        window.removeEventListener('resize', place);
        this.#box.remove();
        if (opener) opener.popoverTargetElement = null;
        resolve(this.#chosen);
      });
    });
  }

  #show() {
    const typed = this.#search.value.trim();
    this.#shown.clear();
    const groups = typed === '' ? this.#allGroups() : [this.#group('', findEmoji(typed, MOST_FOUND))];
    this.#groups.hidden = typed !== '';
    this.#found.replaceChildren(...groups);
    this.#found.scrollTop = 0;
    const first = typed === '' ? null : this.#found.querySelector('[role=option]');
    this.#goTo(first instanceof HTMLElement ? first : null);
    if (first === null && typed !== '') setText(this.#note, 'No emoji of that name.');
  }

  #allGroups() {
    const byEmoji = new Map(EMOJI_GROUPS.flatMap(({ all }) => all).map((one) => [one.emoji, one]));
    const recent = recentEmoji().flatMap((emoji) => byEmoji.get(emoji) ?? []);
    const groups = [...(recent.length > 0 ? [{ name: 'Recently used', all: recent }] : []), ...EMOJI_GROUPS];
    const made = groups.map(({ name, all }) => ({ name, first: all[0].emoji, shown: this.#group(name, all) }));
    this.#groups.replaceChildren(...made.map(({ name, first, shown }) => {
      const leads = button(name === 'Recently used' ? '🕒' : first, 'emoji-group-button', () => (this.#found.scrollTop = shown.offsetTop - this.#found.offsetTop));
      setAttributes(leads, { 'aria-label': name, title: name });
      return leads;
    }));
    return made.map(({ shown }) => shown);
  }

  /** @param {string} name @param {Emoji[]} all */
  #group(name, all) {
    const tone = this.#tone.value;
    const options = all.map((one) => {
      const emoji = toned(one.emoji, tone);
      this.#shown.set(emoji, one);
      return element('span', { role: 'option', class: 'emoji-option', 'aria-label': one.label, title: one.label, 'aria-selected': 'false' }, emoji);
    });
    const title = name === '' ? [] : [element('div', { class: 'small-title emoji-title', 'aria-hidden': 'true' }, name)];
    return element('div', { role: 'group', 'aria-label': name || 'Found', class: 'emoji-group' }, ...title, ...options);
  }

  /** @param {HTMLElement | null} option */
  #goTo(option) {
    this.#active?.removeAttribute('id');
    this.#active?.setAttribute('aria-selected', 'false');
    this.#active = option;
    if (option) setAttributes(option, { id: 'emoji-active', 'aria-selected': 'true' });
    setAttributes(this.#search, { 'aria-activedescendant': option?.id ?? null });
    option?.scrollIntoView({ block: 'nearest' });
    const emoji = this.#shown.get(option?.textContent ?? '');
    setText(this.#note, emoji ? `${emoji.label} :${emoji.names[0]}:` : '');
  }

  /** @param {KeyboardEvent} event */
  #pressed(event) {
    if (event.isComposing) return;
    const act = {
      ArrowRight: () => this.#step(1), ArrowLeft: () => this.#step(-1), ArrowDown: () => this.#row(1), ArrowUp: () => this.#row(-1),
      Enter: () => this.#active && this.#choose(this.#active),
    }[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  }

  get #options() {
    return /** @type {HTMLElement[]} */ ([...this.#found.querySelectorAll('[role=option]')]);
  }

  /** @param {-1 | 1} by */
  #step(by) {
    const options = this.#options;
    const index = this.#active ? options.indexOf(this.#active) + by : 0;
    if (options[index]) this.#goTo(options[index]);
  }

  /** To the one above or below: the nearest of the next line. @param {-1 | 1} by */
  #row(by) {
    if (!this.#active) return this.#step(1);
    const { offsetTop: top, offsetLeft: left } = this.#active;
    const beyond = this.#options.filter((one) => (one.offsetTop - top) * by > 0);
    const next = (by > 0 ? beyond[0] : beyond.at(-1))?.offsetTop;
    const line = beyond.filter((one) => one.offsetTop === next);
    const nearest = line.sort((a, b) => Math.abs(a.offsetLeft - left) - Math.abs(b.offsetLeft - left))[0];
    if (nearest) this.#goTo(nearest);
  }

  #recolour() {
    rememberTone(this.#tone.value);
    this.#show();
  }

  /** @param {HTMLElement} option */
  #choose(option) {
    this.#chosen = option.textContent;
    const plain = this.#shown.get(this.#chosen ?? '');
    if (plain) rememberEmoji(plain.emoji);
    this.#box.hidePopover();
  }
}
