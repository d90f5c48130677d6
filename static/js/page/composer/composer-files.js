/**
 * Files for what one writes: chosen, taken with the camera, pasted, or dropped anywhere on the room, which shows a frame meanwhile. What
 * is done with them is loaded soon after the room is joined, or with the first. Where the server takes none it is said that only text can be sent, and the page stays
 * where it is instead of making way for a picture.
 *
 * @typedef {import('../../chat/types.js').ChosenFile} ChosenFile
 * @typedef {import('../../chat/types.js').Upload} Upload
 * @typedef {{isOffered: () => boolean, by: import('../files/ports.js').By, draft: import('../storage/draft.js').RoomDraft, onChange: (isPersons: boolean) => void,
 *   onProblem: (words: string) => () => void}} FilePorts
 */

import { holdPage } from '../browser/hold-page.js';
import { randomId } from '../browser/random-id.js';
import { part } from '../dom/element.js';
import { filesIn, isOfFiles } from './given-files.js';
import { TrayQueue } from './tray-queue.js';

/** One can read and talk before: then what files take is loaded, for when there is no connection. */
const PREPARED_AFTER_MS = 3_000;
const GIVEN = 'files that were given';
const NO_FILES = 'Pictures and files cannot be sent here, only text.';
const NOT_HERE = 'The server cannot be reached, and the files cannot be added. They wait here, and nothing is sent without them. Please try again.';

export class ComposerFiles {
  #buttons = part('composer-attach', HTMLElement);
  #frame = part('drop-frame', HTMLElement);
  /** @type {TrayQueue<import('../files/tray.js').Tray>} */
  #queue = new TrayQueue({ load: () => this.#load(), onProblem: () => this.ports.onProblem(NOT_HERE) });
  #isPrepared = false;
  /** What one changes may keep its files, and gets no new ones. */
  #isEditing = false;

  /** @param {FilePorts} ports */
  constructor(ports) {
    this.ports = ports;
    for (const [opener, input] of [['composer-file-open', 'composer-file'], ['composer-photo-open', 'composer-photo']]) {
      this.#listenTo(part(opener, HTMLButtonElement), part(input, HTMLInputElement));
    }
    for (const name of ['dragover', 'drop']) document.addEventListener(name, (event) => this.#given(/** @type {DragEvent} */ (event)));
    document.addEventListener('paste', (event) => this.#given(event));
    document.addEventListener('dragleave', ({ relatedTarget }) => relatedTarget === null && this.#showFrame(false));
    this.look();
    if (ports.draft.hasFiles(true) && ports.isOffered()) void this.#queue.do((tray) => tray.bring());
  }

  /** What a closed tab has left goes with its text. @param {string} from the tab whose text was taken over, if any @param {() => boolean} isWanted */
  takeOver(from, isWanted) {
    const { draft, isOffered } = this.ports;
    if (isWanted() && !draft.hasFiles(true) && draft.hasFiles() && isOffered()) void this.#queue.do(async (tray) => tray.takeOver(from, isWanted));
  }

  /** Whether there are any. */
  get isEmpty() {
    return (this.#queue.tray?.count ?? 0) === 0;
  }

  /** Whether all that were given are in the tray. */
  get areHere() {
    return this.#queue.isDone;
  }

  /** What the server offers may be known by now. */
  look() {
    this.#buttons.hidden = this.#isEditing || !this.ports.isOffered();
    if (this.ports.isOffered()) this.#prepare();
  }

  /** What could not be loaded is asked for again. @returns {Promise<boolean>} whether all that were given are in the tray now */
  come() {
    return this.#queue.finish();
  }

  /** Those that were chosen, for a message. @returns {ChosenFile[]} */
  take() {
    return this.#queue.tray?.take() ?? [];
  }

  /** The files of a message that is changed, of which some may stay; nothing: one writes a new one. @param {Upload[] | null} files */
  edit(files) {
    this.#isEditing = files !== null;
    this.look();
    if (this.#queue.tray || !this.areHere || (files ?? []).length > 0) void this.#queue.do((tray) => tray.edit(files));
  }

  /** Those that stay, of a message that is changed. @returns {Upload[]} */
  get kept() {
    return this.#queue.tray?.kept ?? [];
  }

  /**
   * @param {HTMLButtonElement} opener
   * @param {HTMLInputElement} input
   */
  #listenTo(opener, input) {
    opener.addEventListener('click', () => input.click());
    input.addEventListener('change', () => {
      const files = [...(input.files ?? [])];
      input.value = ''; // the same one can be chosen again
      this.#add(files);
    });
  }

  /** @param {DragEvent | ClipboardEvent} event */
  #given(event) {
    const transfer = 'dataTransfer' in event ? event.dataTransfer : event.clipboardData;
    if (event.type === 'drop') this.#showFrame(false);
    if (!transfer || !isOfFiles(transfer.types)) return;
    event.preventDefault(); // or else there is no drop
    const mayTake = this.ports.isOffered() && !this.#isEditing;
    if (event.type === 'dragover') return this.#showFrame(mayTake);
    if (!mayTake) return void this.ports.onProblem(this.#isEditing ? 'Files cannot be added to a message that was sent.' : NO_FILES);
    this.#add(filesIn(transfer));
  }

  /** @param {boolean} isShown */
  #showFrame(isShown) {
    this.#frame.hidden = !isShown;
  }

  /** @param {File[]} files */
  #add(files) {
    void this.#queue.do((tray) => tray.add(files)).then((areHere) => holdPage(GIVEN, !areHere));
  }

  async #load() {
    const { Tray } = await import('../files/tray.js');
    holdPage(GIVEN, false); // from here on the tray knows what there is to lose
    return new Tray({ ...this.ports, newKey: randomId, maxBytes: maxBytes() });
  }

  /** Files that are chosen without a connection are kept all the same: what that takes comes before. */
  #prepare() {
    if (this.#isPrepared) return;
    this.#isPrepared = true;
    const load = () => Promise.all([import('../files/tray.js'), import('../files/tools.js')]).catch(() => (this.#isPrepared = false));
    setTimeout(load, PREPARED_AFTER_MS);
  }
}

/** Of one file, as the server said with the page; nothing: it takes none. */
export function maxBytes() {
  return Number(document.body.dataset.uploadMaxBytes ?? 0);
}
