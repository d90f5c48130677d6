/** What sends and keeps one's own files: it comes with the first of them, or soon after the join. */

import { FileWork } from '../../chat/uploads/file-work.js';
import { httpBy } from '../browser/send-request.js';

export { fileStorage, forgetFilesBefore } from '../storage/file-storage.js';

/**
 * @param {Parameters<typeof httpBy>[0]} by
 * @param {import('../../chat/types.js').FileStorage} storage
 * @returns {import('../../chat/uploads/file-work.js').FileTools}
 */
export function toolsFor(by, storage) {
  return { FileWork, storage, http: httpBy(by) };
}
