/**
 * The log and what is on its way, as one list for the screen.
 *
 * A message of one's own keeps its key from the moment it is written: waiting, sent, and as a row
 * of the log it is the same element. Between its ack and its event it stays where it was. What one has changed is
 * shown as if it were so already.
 *
 * @typedef {import('../types.js').User} User
 * @typedef {import('./rows.js').Row} Row
 * @typedef {import('./rows.js').EventRow} EventRow
 * @typedef {import('./entries.js').Entry} Entry
 * @typedef {import('./lines.js').Sent} Sent
 * @typedef {import('./lines.js').MessageLine} MessageLine
 * @typedef {import('./lines.js').Line} Line
 */

import { OwnChanges } from './own-changes.js';
import { quoteOf } from './quotes.js';

/** @type {WeakMap<Row[], {me: string, lines: Line[], used: Set<string>}>} */
const LINES = new WeakMap();
/** The same line for as long as nothing of it has changed. @type {WeakMap<import('../types.js').LogEvent, MessageLine>} */
const LINE_OF = new WeakMap();

/**
 * @param {{rows: Row[], sent: Sent[], waiting: Entry[], me: User, toServerTime: (own: number) => number,
 *   messageAt: (seq: number) => import('../types.js').LogEvent | undefined}} parts
 * @returns {Line[]} with times by the server's clock
 */
export function timelineOf({ rows, sent, waiting, me, toServerTime, messageAt }) {
  const { lines, used } = linesOf(rows, me);
  const entries = [...sent, ...waiting];
  const changes = new OwnChanges(entries, me, toServerTime);
  const drafts = entries.filter(({ kind }) => kind === 'message').map((entry) => lineOfDraft(entry, me, messageAt))
    .filter((line) => !used.has(line.key)).map((line) => byServersClock(line, toServerTime));
  if (drafts.length === 0 && changes.isEmpty) return lines;
  return [...lines, ...drafts].map((line) => (line.kind === 'message' ? changes.laidOver(line) : line));
}

/**
 * The same array for the same rows: a log is long, and looked at often.
 *
 * @param {Row[]} rows
 * @param {User} me
 */
function linesOf(rows, me) {
  const known = LINES.get(rows);
  if (known?.me === me.id) return known;
  const used = /** @type {Set<string>} */ (new Set());
  const made = { me: me.id, used, lines: rows.map((row) => (row.kind === 'event' ? lineOfEvent(row, me, used) : row)) };
  LINES.set(rows, made);
  return made;
}

/**
 * @param {EventRow} row
 * @param {User} me
 * @param {Set<string>} used
 * @returns {MessageLine}
 */
function lineOfEvent({ key, event, mine }, me, used) {
  const isMine = event.user.id === me.id;
  const clientId = event.client_id ?? null;
  const ownKey = `mine:${clientId}`;
  const isFirst = isMine && clientId !== null && !used.has(ownKey);
  if (isFirst) used.add(ownKey);
  const known = LINE_OF.get(event);
  const now = { key: isFirst ? ownKey : key, isMine, mine };
  if (known && known.key === now.key && known.isMine === isMine && known.mine === mine) return known;
  const line = /** @type {MessageLine} */ ({
    ...now, kind: 'message', seq: event.seq, id: event.id, author: event.user, content: event.body.content ?? '', body: event.body,
    isDeleted: event.body.deleted !== undefined, ts: event.ts, state: 'sent', clientId, refusal: null, retryAt: null, change: null,
  });
  LINE_OF.set(event, line);
  return line;
}

/**
 * @param {Entry | Sent} entry
 * @param {User} me
 * @param {(seq: number) => import('../types.js').LogEvent | undefined} messageAt
 * @returns {MessageLine}
 */
function lineOfDraft(entry, me, messageAt) {
  const { client_id, content, mentions, put_at, author, reply_to, state, refusal, retryAt, files } = entry;
  const isMine = author === undefined || author.id === me.id;
  const answered = reply_to && messageAt(reply_to.seq);
  const quote = answered && answered.id === reply_to.id ? { quote: quoteOf(answered) } : {};
  return {
    kind: 'message', key: `mine:${client_id}`, seq: 'seq' in entry ? entry.seq : null, id: 'id' in entry ? (entry.id ?? null) : null, author: isMine ? me : author, isMine, content,
    body: { content, ...(mentions ? { mentions } : {}), ...(reply_to ? { reply_to, ...quote } : {}), ...(files?.length ? { uploads: files.map(uploadOf) } : {}) }, isDeleted: false, mine: [], ts: put_at,
    state: state === 'conflict' ? 'failed' : state, clientId: client_id, refusal, retryAt, change: null,
  };
}

/** @param {import('../types.js').DraftFile} file @returns {import('../types.js').Upload} */
function uploadOf({ upload, isThere: _, ...file }) {
  return { id: upload ?? file.key, ...file };
}

/**
 * @param {MessageLine} line
 * @param {(own: number) => number} toServerTime
 * @returns {MessageLine}
 */
function byServersClock(line, toServerTime) {
  return { ...line, ts: toServerTime(line.ts), retryAt: line.retryAt === null ? null : toServerTime(line.retryAt) };
}
