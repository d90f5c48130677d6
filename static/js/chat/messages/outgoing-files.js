/**
 * The files of a message in the outbox: it is sent when all of them are with the server, and others go before it meanwhile.
 *
 * @typedef {import('./entries.js').Entry} Entry
 * @typedef {import('../types.js').FileNews} FileNews
 */

/** @param {Entry} entry */
export function lacksFiles({ files = [] }) {
  return files.some(({ isThere }) => !isThere);
}

/** They begin anew: for another person, or because the server has them no more. @param {Entry} entry */
export function forgetUploads(entry) {
  entry.isUploading = false;
  if (entry.files) entry.files = entry.files.map(notUploaded);
}

/** @param {import('../types.js').DraftFile} file @returns {import('../types.js').DraftFile} */
function notUploaded({ upload: _, isThere: __, ...file }) {
  return file;
}

/** Whether a message was refused for what has become of its files, which can be sent again. @param {string | undefined} code */
export function isOfUploads(code = '') {
  return code.startsWith('upload_');
}

/**
 * @param {Entry} entry
 * @param {string} key
 * @param {Exclude<FileNews, {delay: any}>} news
 */
export function heardOfFile(entry, key, news) {
  const files = entry.files ?? [];
  if ('upload' in news && entry.state === 'waiting') Object.assign(entry, { refusal: null, retryAt: null });
  const changed = (/** @type {import('../types.js').DraftFile} */ file) => ('upload' in news ? { ...file, ...news } : notUploaded(file));
  if ('isRemoved' in news) entry.files = files.filter((file) => file.key !== key);
  else entry.files = files.map((file) => (file.key === key ? changed(file) : file));
  if (!lacksFiles(entry)) entry.isUploading = false;
  if (entry.files.length === 0) delete entry.files;
}

/**
 * The files of a message that waits, or those of one that was edited before: as many as stay.
 *
 * @param {Entry} entry
 * @param {string[] | undefined} uploads the keys, or the ids, of those that do; nothing: all
 */
export function keepOnly(entry, uploads) {
  if (uploads === undefined) return;
  if (entry.kind !== 'message') entry.uploads = uploads;
  else entry.files = entry.files?.filter(({ key, upload = key }) => uploads.includes(key) || uploads.includes(upload));
  if (entry.files?.length === 0) delete entry.files;
}
