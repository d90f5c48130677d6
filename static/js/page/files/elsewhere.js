/** Files in a page of another site, which shows them as it likes. */

import { Refused } from '../identity/session.js';
import { ask } from './ask.js';
import { properDescription, properFileName } from './file-names.js';
import { ownBytes } from './own-bytes.js';
import { pictureOf } from './picture-size.js';

/** The room itself has the bytes, for as long as the page is open. @type {import('../../chat/types.js').FileStorage} */
export const KeptNowhere = { keep: async () => {}, bytesOf: async () => null, remove: async () => {} };

/**
 * What `room.send(text, { files: [await fileFrom(file)] })` takes of a file that was chosen, dropped or pasted.
 *
 * @param {File} file
 * @param {{alt?: string}} [about] `alt`: what it shows, for people who do not see it
 * @returns {Promise<import('../../chat/types.js').ChosenFile>}
 */
export async function fileFrom(file, { alt } = {}) {
  const chosen = { bytes: file, name: properFileName(file.name), type: file.type, ...(alt ? { alt: properDescription(alt) } : {}) };
  if (!file.type.startsWith('image/')) return chosen;
  const url = URL.createObjectURL(file);
  const picture = await pictureOf(url);
  URL.revokeObjectURL(url);
  return picture ? { ...chosen, width: picture.naturalWidth, height: picture.naturalHeight } : chosen;
}

/**
 * @param {import('./ports.js').By} by
 * @param {import('../../chat/room.js').Room} room
 * @param {import('../../chat/types.js').Upload} upload
 * @param {number} [thumb]
 * @returns {Promise<Blob>}
 */
export async function bytesFor(by, room, upload, thumb) {
  const own = ownBytes(room.files, upload);
  if (own) return own;
  const answer = await ask(by, 'GET', `/files/${upload.id}${thumb ? `/${thumb}` : ''}`);
  if (!answer.ok) throw new Refused((await answer.json()).error);
  return answer.blob();
}
