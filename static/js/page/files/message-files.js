/**
 * The files of messages, in their rows. What draws them is loaded with the first message that has any, which a room waits for when it
 * opens.
 *
 * @typedef {import('../../chat/types.js').Upload} Upload
 * @typedef {import('./ports.js').LineWithFiles} LineWithFiles
 */

const PATIENCE_MS = 150;

/** @type {typeof import('./shown-files.js').ShownFiles | null} */
let Shown = null;
/** @type {Promise<void> | null} */
let coming = null;
/** @type {Set<() => void>} */
const waiting = new Set();

export class MessageFiles {
  /** By the row that they are in. @type {WeakMap<Element, import('./shown-files.js').ShownFiles>} */
  #shown = new WeakMap();

  /** @param {import('./ports.js').ShowPorts & {onReady: () => void}} ports `onReady`: what is shown has to be shown anew */
  constructor({ onReady, ...ports }) {
    this.ports = ports;
    waiting.add(onReady);
    ports.room.files.on('progress', ({ key, bytes }) => Shown?.went(key, bytes));
  }

  /** What has changed, if the row is to be drawn anew. @param {LineWithFiles} line */
  signature({ body: { uploads }, state }) {
    return uploads ? `${Shown !== null} ${state} ${uploads.map(({ id }) => id).join()}` : '';
  }

  /**
   * The same element for the same row: what plays in it goes on.
   *
   * @param {Element} row
   * @param {LineWithFiles} line
   * @returns {HTMLElement[]} none or one
   */
  of(row, line) {
    if (!line.body.uploads?.length) return [];
    if (Shown === null) {
      void load();
      return [];
    }
    const shown = this.#shown.get(row) ?? new Shown(this.ports);
    this.#shown.set(row, shown);
    shown.show(line);
    return [shown.element];
  }
}

/** So that the first rows are drawn but once, unless that takes too long. @param {{body: {uploads?: Upload[]}}[]} lines */
export async function prepareFiles(lines) {
  if (!lines.some(({ body }) => body.uploads?.length)) return;
  await Promise.race([load(), new Promise((resolve) => setTimeout(resolve, PATIENCE_MS))]);
}

function load() {
  coming ??= import('./shown-files.js').then(
    ({ ShownFiles }) => {
      Shown = ShownFiles;
      for (const tell of waiting) tell();
    },
    () => {
      coming = null; // the next row tries again
    },
  );
  return coming;
}
