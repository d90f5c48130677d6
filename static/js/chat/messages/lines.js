/**
 * What a room shows, line by line, as types. Nothing here runs.
 *
 * @typedef {import('../types.js').User} User
 * @typedef {import('../types.js').Refusal} Refusal
 * @typedef {import('./rows.js').Row} Row
 * @typedef {import('./rows.js').EventRow} EventRow
 * @typedef {import('./entries.js').Entry} Entry
 * @typedef {Omit<Entry, 'state'> & {state: 'sent', seq: number, id?: string}} Sent  acked, and not in the log yet
 * @typedef {{kind: 'edit' | 'delete', clientId: string, state: Entry['state'] | 'sent', refusal: Refusal | null,
 *   retryAt: number | null, content?: string, notBefore?: number}} OwnChange  `content` of an edit; `notBefore`: until then a
 *   deletion can be undone
 * @typedef {{kind: 'message', key: string, seq: number | null, id: string | null, author: User, isMine: boolean, content: string,
 *   body: import('../types.js').Body, isDeleted: boolean, mine: string[], ts: number,
 *   state: 'waiting' | 'sending' | 'sent' | 'failed' | 'old' | 'paused', clientId: string | null,
 *   refusal: Refusal | null, retryAt: number | null, change: OwnChange | null}} MessageLine  `body`: as it is told;
 *   `mine`: the emoji with which one reacted; `change`: one's own newest, that is not in the log yet
 * @typedef {MessageLine | Exclude<Row, EventRow>} Line
 */

export {};
