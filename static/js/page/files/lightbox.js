/**
 * A picture as large as the screen, and from there to the others of the room. Arrows, or a swipe, go on; Esc, the cross, or a click beside
 * it close it, and the focus is where it was.
 *
 * @typedef {import('../../chat/types.js').Upload} Upload
 * @typedef {{upload: Upload, opener: HTMLElement, room: import('../../chat/room.js').Room, time: (ts: number) => string,
 *   addresses: import('./addresses.js').FileAddresses}} Shown
 * @typedef {{upload: Upload, author: string, ts: number}} Picture
 */

import { element, properName, setAttributes, setText } from '../dom/element.js';
import { icon } from '../dom/icon.js';
import { Source } from './source.js';
import { Zoom } from './zoom.js';

const CROSS = 'm5 5 10 10M15 5 5 15';
const BACK = 'M12.5 4.5 7 10l5.5 5.5';
const ON = 'M7.5 4.5 13 10l-5.5 5.5';
const LENS = 'M8.5 14a5.5 5.5 0 1 0 0-11 5.5 5.5 0 0 0 0 11ZM12.5 12.5 17 17M8.5 6v5M6 8.5h5';
const DOWN = 'M10 3.5v9M6 9l4 4 4-4M4 16.5h12';

/** @param {Shown} what */
export function showLightbox(what) {
  new Lightbox(what).open();
}

class Lightbox {
  #image = element('img', { class: 'lightbox-image', draggable: 'false', alt: '' });
  #stage = element('div', { class: 'lightbox-stage' }, this.#image);
  #words = element('p', { class: 'lightbox-words', dir: 'auto' });
  #from = element('p', { class: 'lightbox-from' });
  #count = element('span', { class: 'lightbox-count', role: 'status' });
  #download = element('a', { class: 'icon-button', 'aria-label': 'Download', title: 'Download' }, icon(DOWN));
  #near = this.#button('Zoom', LENS, () => this.zoom.toggle());
  #back = this.#button('Previous picture', BACK, () => this.#step(-1));
  #on = this.#button('Next picture', ON, () => this.#step(1));
  #dialog = element(
    'dialog', { class: 'lightbox', 'aria-label': 'Picture', 'data-testid': 'lightbox' },
    element('div', { class: 'lightbox-head' }, this.#from, this.#count, this.#near, this.#download, this.#button('Close', CROSS, () => this.#dialog.close())),
    this.#stage, this.#back, this.#on, this.#words,
  );
  #stopListening = () => {};

  /** @param {Shown} what */
  constructor({ upload, opener, room, time, addresses }) {
    this.room = room;
    this.addresses = addresses;
    this.time = time;
    this.opener = opener;
    this.at = upload.id;
    this.zoom = new Zoom(this.#stage, this.#image, {
      onSwipe: (by) => this.#step(by), onBeside: () => this.#dialog.close(), onScale: () => setAttributes(this.#near, { 'aria-pressed': String(this.zoom.isNear) }),
    });
  }

  open() {
    document.body.append(this.#dialog);
    this.#dialog.addEventListener('keydown', (event) => this.#pressed(event));
    this.#dialog.addEventListener('close', () => this.#closed());
    this.#image.addEventListener('error', () => setText(this.#words, 'This picture cannot be shown. It may not be there any more.'));
    this.#stopListening = this.room.on('lines', () => this.#look());
    this.#dialog.showModal();
    this.#stage.tabIndex = -1;
    this.#stage.focus();
    this.#show();
  }

  #closed() {
    this.#stopListening();
    this.#dialog.remove();
    if (!this.opener.isConnected) document.getElementById('messages')?.focus({ preventScroll: true });
  }

  /** Those of the room, as far as it is loaded, in the order of the talk. @returns {Picture[]} */
  get #pictures() {
    return this.room.lines().flatMap((line) => {
      if (line.kind !== 'message' || line.isDeleted) return [];
      const pictures = (line.body.uploads ?? []).filter(({ type, width }) => type.startsWith('image/') && width !== undefined);
      return pictures.map((upload) => ({ upload, author: line.author.name, ts: line.ts }));
    });
  }

  /** It may have got its id, or be gone. */
  #look() {
    const pictures = this.#pictures;
    const now = pictures.find(({ upload: { id, key } }) => [id, key, this.room.files.keyOf(id)].includes(this.at));
    if (!now) return this.#dialog.close();
    if (now.upload.id !== this.at) this.at = now.upload.id;
    this.#showPlace(pictures, pictures.indexOf(now));
  }

  /** @param {number} by */
  #step(by) {
    const pictures = this.#pictures;
    const next = pictures[pictures.findIndex(({ upload }) => upload.id === this.at) + by];
    if (!next) return;
    this.at = next.upload.id;
    this.#show();
  }

  #show() {
    const pictures = this.#pictures;
    const place = pictures.findIndex(({ upload }) => upload.id === this.at);
    if (place < 0) return this.#dialog.close();
    const { upload, author, ts } = pictures[place];
    const source = new Source(upload, upload.key ?? this.room.files.keyOf(upload.id) ?? upload.id, this);
    this.zoom.reset();
    setAttributes(this.#image, { alt: upload.alt ?? `Picture: ${upload.name}`, width: upload.width ?? null, height: upload.height ?? null });
    this.#image.removeAttribute('src');
    source.whenKnown(() => {
      if (this.at !== upload.id) return;
      this.#image.src = source.local ?? source.remote();
      setAttributes(this.#download, { href: source.local ?? source.remote(), download: upload.name });
    });
    setText(this.#words, upload.alt ?? '');
    this.#from.replaceChildren(properName(author), ` ${this.time(ts)}`, element('span', { class: 'lightbox-name', dir: 'auto' }, upload.name));
    this.#showPlace(pictures, place);
  }

  /** @param {Picture[]} pictures @param {number} place */
  #showPlace(pictures, place) {
    setText(this.#count, pictures.length > 1 ? `${place + 1} of ${pictures.length}` : '');
    const ends = /** @type {const} */ ([[this.#back, place === 0], [this.#on, place === pictures.length - 1]]);
    for (const [button, isEnd] of ends) {
      if (isEnd && button === document.activeElement) this.#stage.focus();
      button.hidden = isEnd;
    }
  }

  /** @param {KeyboardEvent} event */
  #pressed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const isBackward = getComputedStyle(this.#dialog).direction === 'rtl' ? -1 : 1;
    const act = {
      ArrowLeft: () => this.#step(-isBackward), ArrowRight: () => this.#step(isBackward),
      '+': () => this.zoom.by(1.5), '=': () => this.zoom.by(1.5), '-': () => this.zoom.by(1 / 1.5), 0: () => this.zoom.reset(),
    }[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  }

  /**
   * @param {string} label
   * @param {string} path
   * @param {() => void} onClick
   */
  #button(label, path, onClick) {
    const side = { [BACK]: ' lightbox-back', [ON]: ' lightbox-on' }[path] ?? '';
    const made = element('button', { type: 'button', class: `icon-button${side}`, 'aria-label': label, title: label }, icon(path));
    made.addEventListener('click', onClick);
    return made;
  }
}
