/**
 * The files of one message: pictures as a grid, videos and recordings with the browser's controls, the others as what they are called,
 * how large they are, and a link. Each keeps its element for as long as it hangs on the message; one's own is shown from its bytes,
 * before and after it was sent.
 *
 * @typedef {import('../../chat/types.js').Upload} Upload
 * @typedef {import('./ports.js').LineWithFiles} LineWithFiles
 * @typedef {'picture' | 'played' | 'file'} Kind
 * @typedef {{kind: Kind, element: HTMLElement, onItsWay: import('./on-its-way.js').OnItsWay | null,
 *   show?: (upload: Upload) => void}} Tile  `show`: it has another id by now
 */

import { arrange } from '../dom/arrange.js';
import { element } from '../dom/element.js';
import { addressesOf } from './addresses.js';
import { fileTile } from './file-tile.js';
import { sayAnew } from '../dom/say-anew.js';
import { OnItsWay } from './on-its-way.js';
import { pictureTile } from './picture-tile.js';
import { playedTile } from './played-tile.js';
import { Source } from './source.js';

const MAKERS = { picture: pictureTile, played: playedTile, file: fileTile };

/** By the key of the file. @type {Map<string, OnItsWay>} */
const ON_THEIR_WAY = new Map();

export class ShownFiles {
  #pictures = element('div', { class: 'message-pictures' });
  element = element('div', { class: 'message-files', 'data-testid': 'message-files' });
  /** @type {Map<string, Tile>} */
  #tiles = new Map();
  #addresses;

  /** @param {import('./ports.js').ShowPorts} ports */
  constructor(ports) {
    this.ports = ports;
    this.#addresses = addressesOf(ports.by);
  }

  /** So many bytes of a file are with the server. @param {string} key @param {number} bytes */
  static went(key, bytes) {
    ON_THEIR_WAY.get(key)?.went(bytes);
  }

  /** @param {LineWithFiles} line */
  show(line) {
    const uploads = line.body.uploads ?? [];
    const pictures = uploads.filter(isPicture);
    const tilesOf = (/** @type {Upload[]} */ some) => some.map((upload) => this.#tileOf(upload, line, pictures.length).element);
    arrange(this.#pictures, tilesOf(pictures));
    this.#pictures.dataset.count = String(pictures.length);
    arrange(this.element, [...(pictures.length > 0 ? [this.#pictures] : []), ...tilesOf(uploads.filter((upload) => !isPicture(upload)))]);
  }

  /**
   * @param {Upload} upload
   * @param {LineWithFiles} line
   * @param {number} count of pictures
   * @returns {Tile}
   */
  #tileOf(upload, line, count) {
    const key = upload.key ?? this.ports.room.files.keyOf(upload.id) ?? upload.id;
    const tile = this.#known(key, kindOf(upload)) ?? this.#make(upload, key);
    this.#tiles.set(key, tile);
    tile.show?.(upload);
    tile.element.dataset.upload = upload.id;
    tile.element.toggleAttribute('data-alone', count === 1);
    this.#goes(tile, key, upload, line);
    return tile;
  }

  /** What it is here it may not be to the server: a drawing is a file, and a photo that is not shown here is one there. @param {string} key @param {Kind} kind */
  #known(key, kind) {
    const tile = this.#tiles.get(key);
    if (tile?.kind === kind) return tile;
    if (tile?.onItsWay) ON_THEIR_WAY.delete(key);
    return null;
  }

  /** @param {Upload} upload @param {string} key @returns {Tile} */
  #make(upload, key) {
    const source = new Source(upload, key, { room: this.ports.room, addresses: this.#addresses });
    const kind = kindOf(upload);
    return { kind, onItsWay: null, ...MAKERS[kind](upload, source, { ...this.ports, addresses: this.#addresses }) };
  }

  /**
   * @param {Tile} tile
   * @param {string} key
   * @param {Upload} upload
   * @param {LineWithFiles} line
   */
  #goes(tile, key, upload, { state, clientId }) {
    const goes = state !== 'sent' && clientId !== null;
    if (goes && !tile.onItsWay) {
      const { room } = this.ports;
      const onRemove = () => {
        room.removeFile(clientId, key);
        sayAnew(`${upload.name} is not sent`);
      };
      tile.onItsWay = new OnItsWay(upload, { sent: room.files.progress.get(key) ?? 0, onRemove });
      ON_THEIR_WAY.set(key, tile.onItsWay);
      tile.element.append(tile.onItsWay.element);
    }
    tile.onItsWay?.becomes(state);
    if (goes || !tile.onItsWay) return;
    tile.onItsWay.element.remove();
    tile.onItsWay = null;
    ON_THEIR_WAY.delete(key);
  }
}

/** @param {Upload} upload @returns {Kind} */
function kindOf(upload) {
  if (isPicture(upload)) return 'picture';
  return isPlayed(upload) ? 'played' : 'file';
}

/** @param {Upload} upload */
function isPicture({ type, width, height }) {
  return type.startsWith('image/') && width !== undefined && height !== undefined;
}

/** @param {Upload} upload */
function isPlayed({ type }) {
  const kind = /^(video|audio)\//.exec(type)?.[1];
  return kind !== undefined && document.createElement(/** @type {'video' | 'audio'} */ (kind)).canPlayType(type) !== '';
}
