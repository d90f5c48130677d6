/**
 * How each kind of entry is sent, and what a refusal for good makes of it.
 *
 * @typedef {import('./entries.js').Entry} Entry
 */

/** There is nothing left to be changed. */
const END_OF_AN_EDIT = new Set(['target_gone', 'forbidden']);

/** From now on it may be stored. @param {Entry} entry @returns {import('./outbox-words.js').OutboxAction} */
export function sendOf(entry) {
  const { kind, client_id, content, mentions, reply_to, target, rev, isRepeat: retry } = entry;
  entry.isRepeat = true;
  const uploads = kind === 'message' ? entry.files?.map(({ upload = '' }) => upload) : entry.uploads;
  const files = uploads ? { uploads } : {};
  const text = { content, ...(mentions ? { mentions } : {}) };
  if (kind === 'message') return { do: 'send', client_id, ...text, ...(reply_to ? { reply_to } : {}), ...files, retry };
  const edit = kind === 'edit' ? { ...text, ...(rev === undefined ? {} : { rev }), ...files } : {};
  return { do: 'send', kind, client_id, target, ...edit, retry };
}

/**
 * @param {Entry['kind']} kind
 * @param {string} code
 * @returns {'failed' | 'conflict' | null} nothing: it is over
 */
export function stateAfter(kind, code) {
  if (kind === 'delete' || (kind === 'edit' && END_OF_AN_EDIT.has(code))) return null;
  return kind === 'edit' && code === 'conflict' ? 'conflict' : 'failed';
}
