/**
 * What is there for the one message that one points at or has gone to: its exact time, and buttons for what one may do
 * with it. There is one set of them for the whole list: a thousand would make it slow.
 *
 * @typedef {import('./layout-rows.js').MessageLine} MessageLine
 * @typedef {'react' | 'reply' | 'edit' | 'delete' | 'more'} Act
 * @typedef {{may: (line: MessageLine) => Set<Act>, act: (act: Act, line: MessageLine, at: HTMLElement) => void,
 *   react: (line: MessageLine, emoji: string) => void, follow: (line: MessageLine) => void}} Actions
 *   `react`: joins in, or takes one’s own back; `follow`: to what the message answers
 * @typedef {{box: HTMLElement, exactTime: (ts: number) => string, lineOf: (row: Element) => MessageLine | null, actions: Actions}} ToolPorts
 */

import { part, setAttributes } from '../dom/element.js';

const ROW = '.message';
const ACTING = '[data-act], [data-emoji], a.message-quote';

export class RowTools {
  #tools = part('row-tools', HTMLElement);

  /** @param {ToolPorts} ports */
  constructor(ports) {
    this.ports = ports;
    const { box } = ports;
    for (const event of ['pointerover', 'focusin']) box.addEventListener(event, ({ target }) => this.#show(target));
    box.addEventListener('pointerleave', () => this.#show(document.activeElement));
    box.addEventListener('focusout', ({ relatedTarget }) => this.#reach(relatedTarget));
    box.addEventListener('click', (event) => this.#clicked(event));
    this.#tools.addEventListener('keydown', (event) => this.#pressed(event));
  }

  /** @param {EventTarget | null} target */
  #show(target) {
    const row = target instanceof Element ? target.closest(ROW) : null;
    if (this.#tools.contains(document.activeElement)) return this.#reach(document.activeElement);
    const line = row && this.ports.lineOf(row);
    const may = line ? this.ports.actions.may(line) : new Set();
    if (row) this.#tellTime(row.querySelector('.message-time'));
    this.#tools.hidden = may.size === 0;
    if (!row || may.size === 0) return;
    for (const button of this.#buttons) button.hidden = !may.has(button.dataset.act);
    if (this.#tools.parentElement !== row) row.append(this.#tools);
    this.#reach(document.activeElement);
  }

  get #buttons() {
    return /** @type {HTMLElement[]} */ ([...this.#tools.children]);
  }

  /**
   * They are one stop of the Tab key, inside the arrows go on; and none where only a pointer rests on the row.
   *
   * @param {EventTarget | null} focus
   */
  #reach(focus) {
    const isInRow = focus instanceof Node && this.#tools.parentElement?.contains(focus);
    const shown = isInRow ? this.#shown : [];
    const stop = shown.find((button) => button === focus) ?? shown[0];
    for (const button of this.#buttons) button.tabIndex = button === stop ? 0 : -1;
  }

  /** A finger has fewer. */
  get #shown() {
    return this.#buttons.filter((button) => button.offsetParent !== null);
  }

  /** @param {KeyboardEvent} event */
  #pressed(event) {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (by === undefined) return;
    const shown = this.#shown;
    const at = shown.findIndex((button) => button === event.target);
    shown[(at + by + shown.length) % shown.length]?.focus();
    event.preventDefault();
  }

  /** @param {MouseEvent} event */
  #clicked(event) {
    const acting = event.target instanceof Element ? event.target.closest(ACTING) : null;
    const row = acting?.closest(ROW);
    const line = row && this.ports.lineOf(row);
    if (!line || !(acting instanceof HTMLElement)) return;
    event.preventDefault();
    const { act, emoji } = acting.dataset;
    if (emoji !== undefined) this.ports.actions.react(line, emoji);
    else if (act !== undefined) this.ports.actions.act(/** @type {Act} */ (act), line, acting);
    else this.ports.actions.follow(line);
  }

  /** A pointer that rests on it is told by the browser, the keyboard by the style sheet. @param {Element | null} time */
  #tellTime(time) {
    const datetime = time?.querySelector('time')?.dateTime;
    if (!time || !datetime || time.hasAttribute('title')) return;
    const exact = this.ports.exactTime(Date.parse(datetime));
    setAttributes(time, { title: exact, 'data-exact': exact });
  }
}
