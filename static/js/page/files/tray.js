/**
 * What hangs on the text in the composer: each file with its picture, its name and its size, and what can be done with it before it is
 * sent. Of a message that is changed, the files that it has. What was chosen is kept over a reload.
 *
 * @typedef {import('../../chat/types.js').ChosenFile} ChosenFile
 * @typedef {import('../../chat/types.js').Upload} Upload
 * @typedef {import('../storage/draft-files.js').Drafted} Drafted
 * @typedef {Drafted & {tile: HTMLElement, url: string | null, isKept: boolean, keeping?: Promise<unknown>}} Chosen
 */

import { orLate } from '../browser/circuit-breaker.js';
import { holdPage } from '../browser/hold-page.js';
import { arrange } from '../dom/arrange.js';
import { element, part } from '../dom/element.js';
import { sayAnew } from '../dom/say-anew.js';
import { DraftFiles } from '../storage/draft-files.js';
import { FORGOTTEN } from '../storage/file-storage.js';
import { rememberedRetentionMs } from '../storage/retention.js';
import { plural } from '../text/times.js';
import { addressesOf } from './addresses.js';
import { chosenProblem, fits } from './chosen-problem.js';
import { describe } from './describe.js';
import { properFileName } from './file-names.js';
import { pictureOf } from './picture-size.js';
import { tileOf } from './tray-tile.js';
import { withdrawnWords } from './withdrawn-words.js';

const MOST = 10;
/** A picture that takes longer is sent as what it is called, until the server has looked at it. */
const PATIENCE_MS = 1_000;
const UNREAD = 'Your files are not here yet: this browser’s storage does not answer. What you send now goes without them.';
const UNKEPT = 'This browser cannot keep what you chose: leave this page open until it is sent.';

export class Tray {
  #list = part('composer-tray', HTMLElement);
  /** @type {Chosen[]} */
  #chosen = [];
  /** Of a message that is changed. @type {Upload[] | null} */
  #kept = null;

  #addresses;
  #drafts;
  /** Whether what was chosen is found again. */
  #isMarked = true;

  /**
   * @param {{maxBytes: number, by: import('./ports.js').By, draft: import('../storage/draft.js').RoomDraft, newKey: () => string,
   *   onChange: (isPersons: boolean) => void, onProblem: (words: string) => () => void}} ports
   */
  constructor({ maxBytes, by, draft, newKey, onChange, onProblem }) {
    this.#addresses = addressesOf(by);
    this.#drafts = new DraftFiles(draft);
    // A tab that slept has heard of nothing: another one may have taken over what it has left.
    for (const waking of ['pageshow', 'focus']) window.addEventListener(waking, () => void this.#withdraw());
    window.addEventListener(FORGOTTEN, () => this.#leaveOut(() => true));
    this.maxBytes = maxBytes;
    this.newKey = newKey;
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
    const after = Math.max(Date.now(), (this.#chosen.at(-1)?.at ?? 0) + 1);
    const chosen = fitting.map((file, place) => (
      this.#choose({ file: { key: this.newKey(), bytes: file, name: properFileName(file.name), type: file.type }, at: after + place })
    ));
    const looked = this.#put(chosen, true);
    void this.#keep(chosen);
    await looked;
  }

  /** What was chosen before the page was loaded again. What does not come in time holds nobody up, and may come late. */
  async bring() {
    const own = this.#drafts.own();
    let unsay = () => {};
    const brought = orLate(own).then((left) => {
      unsay();
      const put = this.#putBack(left);
      this.#mark(); // what is not there any more has no mark either
      return put;
    });
    brought.catch(() => {});
    await own.then(() => brought, () => (unsay = this.onProblem(UNREAD)));
  }

  /** What a tab that is gone has left, once that is known. @param {string} from see `DraftFiles` @param {() => boolean} isWanted */
  takeOver(from, isWanted) {
    void this.#drafts.takeOver(from, () => this.count === 0 && isWanted()).then((left) => this.#putBack(left), () => {}); // or it waits where it is
  }

  /** @param {Drafted[]} left */
  #putBack(left) {
    return this.#put(left.map((one) => Object.assign(this.#choose(one), { isKept: true })));
  }

  /** @param {Chosen[]} chosen @param {boolean} [isPersons] whether somebody has just chosen them @returns {Promise<void>} when it is known how large their pictures are */
  async #put(chosen, isPersons = false) {
    if (chosen.length === 0) return;
    this.#chosen.push(...chosen);
    this.#show(isPersons);
    sayAnew(`${plural(chosen.length, 'file')} added`);
    const looked = Promise.all(chosen.map((one) => this.#look(one)));
    await Promise.race([looked, new Promise((resolve) => setTimeout(resolve, PATIENCE_MS))]);
  }

  /** Where that fails, or takes too long, it is said, and a reload asks first. @param {Chosen[]} chosen */
  async #keep(chosen) {
    const kept = await Promise.all(chosen.map((one) => this.#keepOne(one)));
    if (chosen.some((one, place) => !kept[place] && this.#chosen.includes(one))) this.onProblem(UNKEPT);
  }

  /** As it is now: what was kept of it before is not that. @param {Chosen} chosen @returns {Promise<boolean>} whether it is kept, as far as one knows in time */
  #keepOne(chosen) {
    const keeping = this.#drafts.keep(chosen);
    chosen.keeping = keeping;
    this.#keptIs(chosen, false);
    orLate(keeping).then(() => chosen.keeping === keeping && this.#keptIs(chosen, true), () => {});
    return keeping.then(() => true, () => false);
  }

  /** @param {Chosen} chosen @param {boolean} isKept */
  #keptIs(chosen, isKept) {
    chosen.isKept = isKept;
    this.#holdPage();
  }

  /** What is this tab's no more is shown, and sent, where it is; what is older than messages get is nowhere. */
  async #withdraw() {
    const kept = this.#chosen.filter(({ isKept }) => isKept);
    if (kept.length === 0) return;
    const isOwn = await this.#drafts.whose().catch(() => null);
    if (isOwn === null) return;
    const out = this.#leaveOut((chosen) => kept.includes(chosen) && !isOwn.get(chosen.file.key));
    const words = withdrawnWords(out, { isElsewhere: ({ file }) => isOwn.has(file.key), now: Date.now(), retentionMs: rememberedRetentionMs() });
    if (words !== '') this.onProblem(words);
  }

  /** @param {(chosen: Chosen) => boolean} isMeant @returns {Chosen[]} those that were */
  #leaveOut(isMeant) {
    const [out, left] = [this.#chosen.filter(isMeant), this.#chosen.filter((chosen) => !isMeant(chosen))];
    if (out.length === 0) return out;
    this.#chosen = left;
    for (const { url } of out) if (url) URL.revokeObjectURL(url);
    this.#show();
    return out;
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

  /** @param {Drafted} drafted @returns {Chosen} */
  #choose({ file, at }) {
    const chosen = /** @type {Chosen} */ ({ file, at, url: null, isKept: false });
    chosen.tile = tileOf({
      name: file.name, size: file.bytes.size, type: file.type, onRemove: () => this.#remove(chosen),
      onDescribe: async () => this.#describe(chosen),
    });
    chosen.tile.toggleAttribute('data-described', file.alt !== undefined);
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
    if (this.#chosen.includes(chosen)) await this.#keep([chosen]);
  }

  /** @param {Chosen} chosen */
  #remove(chosen) {
    const place = this.#chosen.indexOf(chosen);
    this.#leaveOut((other) => other === chosen);
    void this.#drafts.remove(chosen.file.key).catch(() => {});
    this.#removed(place, chosen.file.name);
  }

  /** @param {Upload} file */
  #drop(file) {
    const place = this.kept.indexOf(file);
    this.#kept = this.kept.filter((other) => other !== file);
    this.#show();
    this.#removed(place, file.name);
  }

  /** The focus does not get lost with what it was on. @param {number} place @param {string} name */
  #removed(place, name) {
    sayAnew(`${name} removed`);
    const removers = /** @type {HTMLElement[]} */ ([...this.#list.querySelectorAll('.tray-remove')]);
    (removers[Math.min(place, removers.length - 1)] ?? part('composer-input', HTMLElement)).focus();
  }

  #show(isPersons = false) {
    const tiles = this.#kept ? this.#kept.map((file) => this.#keptTile(file)) : this.#chosen.map(({ tile }) => tile);
    arrange(this.#list, tiles);
    this.#list.hidden = tiles.length === 0;
    this.#mark();
    this.onChange(isPersons);
  }

  #mark() {
    this.#isMarked = this.#drafts.mark(this.#chosen.map(({ file }) => file.key));
    this.#holdPage();
  }

  /** Where the browser has not kept what was chosen, or not yet, one is asked before it is lost. */
  #holdPage() {
    holdPage('chosen files', !this.#isMarked || this.#chosen.some(({ isKept }) => !isKept));
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
