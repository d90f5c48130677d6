/**
 * The list by keyboard. It is one stop of the Tab key; inside, the arrows go from message to message, and Tab
 * reaches what can be done with the one that has the focus.
 */

import { shownText } from '../form/form-nodes.js';

const ROW = '.message';
const ACTIONS = 'a, .form-wide, .form-copy, .reaction, .message-fold, .message-files :is(button, audio, video)';
/** Who, when, in answer to what, the text, and what became of it. */
const SAID = '[data-testid=message-author], time, .message-quote, .message-text:not([hidden]), .picture-image, .file-link, .player, .message-edited, [data-emoji], .message-delivery > span';
/** Of the row with the focus. @type {Record<string, import('./row-tools.js').Act>} */
const ACTS = { e: 'edit', r: 'reply', Delete: 'delete', Backspace: 'delete', '+': 'react' };

/**
 * @typedef {{box: HTMLElement, onStart: () => void, onEnd: () => void, onLeave: () => void,
 *   onAct: (act: import('./row-tools.js').Act, row: HTMLElement) => boolean}} KeyPorts  `onAct`: whether one may do that
 */

export class RowKeys {
  /** @type {HTMLElement | null} */
  #row = null;

  /** @param {KeyPorts} ports */
  constructor(ports) {
    this.ports = ports;
    const { box } = ports;
    box.addEventListener('keydown', (event) => this.#pressed(event));
    box.addEventListener('focusin', ({ target }) => this.#enter(rowOf(target)));
    box.addEventListener('focusout', ({ relatedTarget }) => this.#enter(rowOf(relatedTarget)));
    // Also the focus that a link to a message brings looks like that of a key.
    window.addEventListener('keydown', () => box.toggleAttribute('data-by-keys', true));
    window.addEventListener('pointerdown', () => box.toggleAttribute('data-by-keys', false));
  }

  /** @param {KeyboardEvent} event */
  #pressed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (this.#acts(event.key)) return event.preventDefault();
    if (event.shiftKey) return;
    const { onStart, onEnd, onLeave } = this.ports;
    const act = {
      ArrowUp: () => this.#step(-1), ArrowDown: () => this.#step(1),
      Home: () => this.#jump(onStart, 0), End: () => this.#jump(onEnd, -1), Escape: onLeave,
    }[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  }

  /**
   * Who has clicked on a row and types means to write: these keys are of those who have gone there by keyboard.
   *
   * @param {string} key
   */
  #acts(key) {
    const row = this.#row;
    const act = ACTS[key.length === 1 ? key.toLowerCase() : key];
    if (!row || !act || !this.ports.box.hasAttribute('data-by-keys')) return false;
    const isDone = this.ports.onAct(act, row);
    if (isDone && act === 'delete' && this.#row === row) this.#step(this.#rows.at(-1) === row ? -1 : 1); // it goes
    return isDone;
  }

  /** From the row with the focus, or else to the newest one that can be seen. @param {-1 | 1} by */
  #step(by) {
    const rows = this.#rows;
    const index = this.#row ? rows.indexOf(this.#row) : -1;
    const next = index < 0 ? rows.findLast((row) => this.#isVisible(row)) : rows[index + by];
    next?.focus();
  }

  /** The focus of a row goes along, to one that is there then. @param {() => void} go @param {0 | -1} place */
  #jump(go, place) {
    const hadRow = this.#row;
    go();
    if (hadRow) this.#rows.at(place)?.focus();
  }

  get #rows() {
    return /** @type {HTMLElement[]} */ ([...this.ports.box.querySelectorAll(ROW)]);
  }

  /** @param {HTMLElement} row */
  #isVisible(row) {
    const box = this.ports.box.getBoundingClientRect();
    const { top, bottom } = row.getBoundingClientRect();
    return top < box.bottom && bottom > box.top;
  }

  /** What it says names it while it has the focus: in passing, that would be heard twice. @param {HTMLElement | null} row */
  #enter(row) {
    this.#row?.removeAttribute('aria-label');
    this.#letTabReach('-1');
    this.#row = row;
    this.#letTabReach('0');
    row?.setAttribute('aria-label', [...row.querySelectorAll(SAID)].map((one) => one.ariaLabel ?? one.getAttribute('alt') ?? shownText(one)).join(', '));
  }

  /** @param {'0' | '-1'} tabindex */
  #letTabReach(tabindex) {
    for (const action of this.#row?.querySelectorAll(ACTIONS) ?? []) action.setAttribute('tabindex', tabindex);
  }
}

/** @param {EventTarget | null} target @returns {HTMLElement | null} */
function rowOf(target) {
  return target instanceof Element ? target.closest(ROW) : null;
}
