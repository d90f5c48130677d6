/**
 * What hangs on the text in the composer: each file with its picture, its name and its size, and what can be done with it before it is
 * sent. Of a message that is changed, the files that it has.
 *
 * @typedef {import('../../chat/types.js').ChosenFile} ChosenFile
 * @typedef {import('../../chat/types.js').Upload} Upload
 * @typedef {{file: ChosenFile, tile: HTMLElement, url: string | null}} Chosen
 */

import { element, part } from '../dom/element.js';
import { sayAnew } from '../dom/say-anew.js';
import { plural } from '../text/times.js';
import { addressesOf } from './addresses.js';
import { chosenProblem, fits } from './chosen-problem.js';
import { describe } from './describe.js';
import { properFileName } from './file-names.js';
import { pictureOf } from './picture-size.js';
import { tileOf } from './tray-tile.js';

const MOST = 10;
/** A picture that takes longer is sent as what it is called, until the server has looked at it. */
const PATIENCE_MS = 1_000;

export class Tray {
  #list = part('composer-tray', HTMLElement);
  /** @type {Chosen[]} */
  #chosen = [];
  /** Of a message that is changed. @type {Upload[] | null} */
  #kept = null;

  #addresses;

  /** @param {{maxBytes: number, by: import('./ports.js').By, onChange: () => void, onProblem: (words: string) => () => void}} ports */
  constructor({ maxBytes, by, onChange, onProblem }) {
    this.#addresses = addressesOf(by);
    this.maxBytes = maxBytes;
    this.onChange = onChange;
    this.onProblem = onProblem;
  }

  get count() {
    return (this.#kept ?? this.#chosen).length;
  }

  get kept() {
    return this.#kept ?? [];
  }

  /** @param {File[]} files @returns {Promise<void>} when it is known how large their pictures are */
  async add(files) {
    const problem = chosenProblem(files, { maxBytes: this.maxBytes, most: MOST, held: this.#chosen.length });
    if (problem !== '') this.onProblem(problem);
    const fitting = files.filter((file) => fits(file, this.maxBytes)).slice(0, Math.max(0, MOST - this.#chosen.length));
    const chosen = fitting.map((file) => this.#choose({ bytes: file, name: properFileName(file.name), type: file.type }));
    this.#chosen.push(...chosen);
    this.#show();
    if (chosen.length > 0) sayAnew(`${plural(chosen.length, 'file')} added`);
    const looked = Promise.all(chosen.map((one) => this.#look(one)));
    await Promise.race([looked, new Promise((resolve) => setTimeout(resolve, PATIENCE_MS))]);
  }

  /** @returns {ChosenFile[]} */
  take() {
    const taken = this.#chosen;
    this.#chosen = [];
    this.#show();
    for (const { url } of taken) if (url) URL.revokeObjectURL(url);
    return taken.map(({ file }) => file);
  }

  /** @param {Upload[] | null} files */
  edit(files) {
    this.#kept = files;
    this.#show();
  }

  /** @param {ChosenFile} file @returns {Chosen} */
  #choose(file) {
    const chosen = /** @type {Chosen} */ ({ file, url: null });
    chosen.tile = tileOf({
      name: file.name, size: file.bytes.size, type: file.type, onRemove: () => this.#remove(chosen),
      onDescribe: async () => this.#describe(chosen),
    });
    return chosen;
  }

  /** What a browser cannot show, such as most with HEIC, is sent all the same. @param {Chosen} chosen */
  async #look(chosen) {
    if (!chosen.file.type.startsWith('image/')) return;
    const url = URL.createObjectURL(chosen.file.bytes);
    const picture = await pictureOf(url);
    if (!picture || !this.#chosen.includes(chosen)) return URL.revokeObjectURL(url);
    chosen.url = url;
    Object.assign(chosen.file, { width: picture.naturalWidth, height: picture.naturalHeight });
    chosen.tile.querySelector('.tray-picture')?.replaceChildren(picture);
    chosen.tile.toggleAttribute('data-picture', true);
  }

  /** @param {Chosen} chosen */
  async #describe(chosen) {
    const alt = await describe({ name: chosen.file.name, url: chosen.url, alt: chosen.file.alt ?? '' });
    if (alt === null) return;
    if (alt === '') delete chosen.file.alt;
    else chosen.file.alt = alt;
    chosen.tile.toggleAttribute('data-described', alt !== '');
  }

  /** @param {Chosen} chosen */
  #remove(chosen) {
    const place = this.#chosen.indexOf(chosen);
    this.#chosen = this.#chosen.filter((other) => other !== chosen);
    if (chosen.url) URL.revokeObjectURL(chosen.url);
    this.#removed(place, chosen.file.name);
  }

  /** @param {Upload} file */
  #drop(file) {
    const place = this.kept.indexOf(file);
    this.#kept = this.kept.filter((other) => other !== file);
    this.#removed(place, file.name);
  }

  /** The focus does not get lost with what it was on. @param {number} place @param {string} name */
  #removed(place, name) {
    this.#show();
    sayAnew(`${name} removed`);
    const removers = /** @type {HTMLElement[]} */ ([...this.#list.querySelectorAll('.tray-remove')]);
    (removers[Math.min(place, removers.length - 1)] ?? part('composer-input', HTMLElement)).focus();
  }

  #show() {
    const tiles = this.#kept ? this.#kept.map((file) => this.#keptTile(file)) : this.#chosen.map(({ tile }) => tile);
    this.#list.replaceChildren(...tiles);
    this.#list.hidden = tiles.length === 0;
    this.#holdPage(this.#chosen.length > 0);
    this.onChange();
  }

  /** The text is kept over a reload; what was chosen is not: one is asked first. @param {boolean} isHeld */
  #holdPage(isHeld) {
    if (isHeld) window.addEventListener('beforeunload', askFirst);
    else window.removeEventListener('beforeunload', askFirst);
  }

  /** @param {Upload} file */
  #keptTile(file) {
    const { id, name, size, type, thumbs = [] } = file;
    const tile = tileOf({ name, size, type, onRemove: () => this.#drop(file) });
    if (thumbs.length > 0) tile.querySelector('.tray-picture')?.replaceChildren(element('img', { src: this.#addresses.now(id, thumbs[0]), alt: '' }));
    tile.toggleAttribute('data-picture', thumbs.length > 0);
    return tile;
  }
}

/** @param {Event} event */
function askFirst(event) {
  event.preventDefault();
}
