/**
 * The log and what is on its way, as one list for the screen.
 *
 * A message of one's own keeps its key from the moment it is written: waiting, sent, and as a row
 * of the log it is the same element. Between its ack and its event it stays where it was.
 *
 * @typedef {import('../types.js').User} User
 * @typedef {import('../types.js').Refusal} Refusal
 * @typedef {import('../types.js').Draft} Draft
 * @typedef {import('./rows.js').Row} Row
 * @typedef {import('./outbox.js').Entry} Entry
 * @typedef {{kind: 'message', key: string, seq: number | null, author: User, isMine: boolean, content: string,
 *   ts: number, state: 'waiting' | 'sending' | 'sent' | 'failed' | 'old' | 'paused', clientId: string | null,
 *   refusal: Refusal | null, retryAt: number | null}} MessageLine
 * @typedef {MessageLine | Exclude<Row, {kind: 'event'}>} Line
 */

/** @type {WeakMap<Row[], {me: string, lines: Line[], used: Set<string>}>} */
const LINES = new WeakMap();

/**
 * @param {{rows: Row[], sent: (Draft & {seq: number})[], waiting: Entry[], me: User,
 *   toServerTime: (own: number) => number}} parts
 * @returns {Line[]} with times by the server's clock
 */
export function timelineOf({ rows, sent, waiting, me, toServerTime }) {
  const { lines, used } = linesOf(rows, me);
  const drafts = [
    ...sent.map((draft) => lineOfDraft(draft, me, { seq: draft.seq, state: 'sent' })),
    ...waiting.map((entry) => lineOfDraft(entry, me, entry)),
  ].map((line) => byServersClock(line, toServerTime));
  return drafts.length === 0 ? lines : [...lines, ...drafts.filter((line) => !used.has(line.key))];
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
 * @param {Extract<Row, {kind: 'event'}>} row
 * @param {User} me
 * @param {Set<string>} used
 * @returns {MessageLine}
 */
function lineOfEvent({ key, event }, me, used) {
  const isMine = event.user.id === me.id;
  const clientId = event.client_id ?? null;
  const ownKey = `mine:${clientId}`;
  const isFirst = isMine && clientId !== null && !used.has(ownKey);
  if (isFirst) used.add(ownKey);
  return {
    kind: 'message', key: isFirst ? ownKey : key, seq: event.seq, author: event.user, isMine, content: event.body.content ?? '',
    ts: event.ts, state: 'sent', clientId, refusal: null, retryAt: null,
  };
}

/**
 * @param {Draft} draft
 * @param {User} me
 * @param {Partial<MessageLine>} more
 * @returns {MessageLine}
 */
function lineOfDraft({ client_id, content, put_at, author }, me, { seq = null, state = 'waiting', refusal = null, retryAt = null }) {
  const isMine = author === undefined || author.id === me.id;
  return {
    kind: 'message', key: `mine:${client_id}`, seq, author: isMine ? me : author, isMine, content, ts: put_at, state,
    clientId: client_id, refusal, retryAt,
  };
}

/**
 * @param {MessageLine} line
 * @param {(own: number) => number} toServerTime
 * @returns {MessageLine}
 */
function byServersClock(line, toServerTime) {
  return { ...line, ts: toServerTime(line.ts), retryAt: line.retryAt === null ? null : toServerTime(line.retryAt) };
}
