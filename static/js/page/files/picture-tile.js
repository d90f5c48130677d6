/**
 * A picture in its row. Its place is as large as it will be, before a byte of it is here; until then there is a hint of its colours.
 *
 * @typedef {import('../../chat/types.js').Upload} Upload
 * @typedef {{width: number, height: number}} Size
 */

import { element } from '../dom/element.js';
import { takeAway } from '../dom/take-away.js';
import { openLightbox } from './open-lightbox.js';
import { placeholderOf } from './placeholder.js';

/** In units of 16 px at the usual size of type: a picture that stands alone. */
const WIDEST = 22;
const HIGHEST = 20;
const SMALLEST = 4;
const UNIT = 16;
/** Who asked for less motion sees the first frame of what moves. */
const CALM = matchMedia('(prefers-reduced-motion: reduce)');

/**
 * @param {Upload} upload with its width and its height
 * @param {import('./source.js').Source} source
 * @param {import('./ports.js').ShowPorts & {addresses: import('./addresses.js').FileAddresses}} ports
 */
export function pictureTile(upload, source, ports) {
  const picture = element('img', { class: 'picture-image', alt: saidOf(upload), decoding: 'async', draggable: 'false' });
  const hint = placeholderOf(upload.placeholder ?? '');
  const opener = element(
    'button', { type: 'button', class: 'picture', tabindex: -1, 'data-testid': 'message-picture', 'aria-haspopup': 'dialog' },
    ...(hint ? [hint] : []), picture,
  );
  const tile = element('div', { class: 'picture-tile' }, opener);
  reserve(tile, shownSize({ width: upload.width ?? 1, height: upload.height ?? 1 }));
  opener.addEventListener('click', () => openLightbox({ upload: source.upload, opener, ...ports }));
  picture.addEventListener('load', () => tile.toggleAttribute('data-loaded', true));
  picture.addEventListener('error', () => void lost(tile, source, () => load(picture, source)));
  load(picture, source);
  return { element: tile, show: (/** @type {Upload} */ now) => void (source.upload = now) };
}

/**
 * @param {HTMLImageElement} picture
 * @param {import('./source.js').Source} source
 */
function load(picture, source) {
  const { local } = source;
  if (local) picture.src = local;
  else if (source.upload.key === undefined) source.whenKnown(() => askFor(picture, source));
  else void source.kept().then((url) => url && (picture.src = url));
}

/**
 * As large as it is shown, on this screen.
 *
 * @param {HTMLImageElement} picture
 * @param {import('./source.js').Source} source
 */
function askFor(picture, source) {
  const { width = 1, height = 1, animated, thumbs = [] } = source.upload;
  picture.loading = 'lazy';
  if (animated && !CALM.matches) return void (picture.src = source.remote());
  const longest = Math.max(width, height);
  const choices = thumbs.map((thumb) => `${source.remote(thumb)} ${Math.round(width * Math.min(1, thumb / longest))}w`);
  picture.sizes = `${shownSize({ width, height }).width}px`;
  if (choices.length > 0) picture.srcset = [...choices, ...(longest > Math.max(...thumbs) ? [] : [`${source.remote()} ${width}w`])].join(', ');
  picture.src = source.remote(thumbs.at(-1));
}

/** Whole pixels, as large as there is room for, and never too small to be hit. @param {Size} size @returns {Size} */
export function shownSize({ width, height }) {
  const by = Math.min(1, (WIDEST * UNIT) / width, (HIGHEST * UNIT) / height);
  const within = (/** @type {number} */ length) => Math.max(SMALLEST * UNIT, Math.round(length * by));
  return { width: within(width), height: within(height) };
}

/** @param {HTMLElement} tile @param {Size} size */
function reserve(tile, { width, height }) {
  tile.style.setProperty('--width', String(width / UNIT));
  tile.style.setProperty('--ratio', `${width} / ${height}`);
}

/**
 * A line says that it is gone, in the place that it had.
 *
 * @param {HTMLElement} tile
 * @param {import('./source.js').Source} source
 * @param {() => void} again
 */
async function lost(tile, source, again) {
  const isGone = await source.isGone();
  const words = isGone ? 'This picture is not there any more.' : 'The picture cannot be loaded.';
  const said = element('p', { class: 'picture-lost', 'data-testid': 'picture-lost' }, words);
  if (!isGone) {
    const retry = element('button', { type: 'button', class: 'link-button', tabindex: -1 }, 'Retry');
    retry.addEventListener('click', () => {
      takeAway(said);
      again();
    });
    said.append(' ', retry);
  }
  tile.querySelector('.picture-lost')?.remove();
  tile.append(said);
}

/** @param {Upload} upload */
export function saidOf({ alt, name }) {
  return alt || `Picture: ${name}`;
}
