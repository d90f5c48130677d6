/** A video or a recording, with the controls of the browser: it plays when one says so. */

import { element, properName, setAttributes } from '../dom/element.js';
import { sizeInWords } from './size-words.js';
import { hidden, linkTo } from './file-tile.js';

/**
 * @param {import('../../chat/types.js').Upload} upload
 * @param {import('./source.js').Source} source
 */
export function playedTile(upload, source) {
  const { name, type, size, alt } = upload;
  const isVideo = type.startsWith('video/');
  const player = element(isVideo ? 'video' : 'audio', {
    class: 'player', controls: true, preload: 'metadata', playsinline: isVideo, tabindex: -1, 'aria-label': alt || name,
  });
  const link = linkTo(upload, source, 'Download', hidden(` ${name},`), ' ', element('span', { class: 'file-size' }, sizeInWords(size)));
  const line = element('p', { class: 'file-line' }, properName(name, { class: 'file-name', title: name }), link.element);
  void source.kept().then((url) => (url ? setAttributes(player, { src: url }) : source.whenKnown(() => setAttributes(player, { src: source.remote() }))));
  player.addEventListener('error', async () => {
    if (await source.isGone()) line.replaceChildren(`${isVideo ? 'This video' : 'This recording'} is not there any more.`);
  });
  const tile = element('div', { class: `played-tile ${isVideo ? 'video-tile' : 'audio-tile'}`, 'data-testid': 'message-played' }, player, line);
  return { element: tile, show: link.show };
}
