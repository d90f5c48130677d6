/**
 * The timeline as the list shows it: days between, one author's run of messages under one head, the divider above what
 * is new, and one line for the messages in a row that were deleted.
 *
 * @typedef {import('../../chat/messages/timeline.js').Line} Line
 * @typedef {import('../../chat/messages/timeline.js').MessageLine} MessageLine
 * @typedef {import('../people/joins.js').JoinsLine} JoinsLine
 * @typedef {{kind: 'message', key: string} & Omit<import('../messages/message-row.js').Message, 'isLinked' | 'isEdited'>} MessageRow
 * @typedef {{kind: 'deleted', key: string, seqs: number[]}} DeletedRow
 * @typedef {{kind: 'day', key: string, ts: number} | MessageRow | DeletedRow | {kind: 'new', key: 'new'} | JoinsLine
 *   | Exclude<Line, MessageLine>} ListRow
 */

const MINUTE_MS = 60_000;
const GROUP_MS = 5 * MINUTE_MS;

/**
 * @param {(Line | JoinsLine)[]} lines
 * @param {(ts: number) => string} dayKeyOf
 * @param {number | null} [newFrom] the first message that is new
 * @returns {ListRow[]}
 */
export function layoutRows(lines, dayKeyOf, newFrom = null) {
  const layout = new Layout(dayKeyOf, newFrom);
  for (const line of lines) layout.add(line);
  return layout.rows;
}

class Layout {
  /** @type {ListRow[]} */
  rows = [];
  /** The message that the next one may continue. @type {MessageLine | null} */
  #previous = null;
  #day = '';
  #newFrom;

  /**
   * @param {(ts: number) => string} dayKeyOf
   * @param {number | null} newFrom
   */
  constructor(dayKeyOf, newFrom) {
    this.dayKeyOf = dayKeyOf;
    this.#newFrom = newFrom;
  }

  /** @param {Line | JoinsLine} line */
  add(line) {
    if ('ts' in line) this.#beginDay(line);
    if (line.kind === 'message' && line.isDeleted) this.#addDeleted(line);
    else if (line.kind === 'message') this.#addMessage(line);
    else this.#push(line);
  }

  /** @param {MessageLine | JoinsLine} line */
  #beginDay({ kind, ts }) {
    const day = this.dayKeyOf(ts);
    const isFirst = this.#day === '';
    if (day <= this.#day || (kind === 'joins' && isFirst)) return;
    this.#day = day;
    const at = isFirst ? this.#beforeJoinsOf(day) : this.rows.length;
    this.rows.splice(at, 0, { kind: 'day', key: `day:${day}`, ts });
    this.#previous = null;
  }

  /** Who came before the first word came on the same day: where those rows begin. @param {string} day */
  #beforeJoinsOf(day) {
    return this.rows.findLastIndex((row) => row.kind !== 'joins' || this.dayKeyOf(row.ts) !== day) + 1;
  }

  /** @param {MessageLine} line */
  #addMessage(line) {
    if (this.#newFrom !== null && !line.isMine && line.seq !== null && line.seq >= this.#newFrom) {
      this.#newFrom = null;
      this.#push({ kind: 'new', key: 'new' });
    }
    const isFirst = this.#previous === null || !continues(this.#previous, line);
    const isNewMinute = this.#previous === null || minuteOf(this.#previous) !== minuteOf(line);
    this.rows.push({ kind: 'message', key: line.key, line, isFirst, isNewMinute });
    this.#previous = line;
  }

  /** @param {MessageLine} line */
  #addDeleted({ key, seq }) {
    const last = this.rows.at(-1);
    const seqs = seq === null ? [] : [seq];
    if (last?.kind === 'deleted') last.seqs.push(...seqs);
    else this.#push({ kind: 'deleted', key: `deleted:${key}`, seqs });
  }

  /** What stands between messages ends a run. @param {Exclude<ListRow, {kind: 'message'}>} row */
  #push(row) {
    this.rows.push(row);
    this.#previous = null;
  }
}

/** @param {MessageLine} line */
function minuteOf({ ts }) {
  return Math.floor(ts / MINUTE_MS);
}

/**
 * @param {MessageLine} previous
 * @param {MessageLine} line
 */
function continues(previous, line) {
  const isSameAuthor = previous.author.id === line.author.id && previous.author.name === line.author.name;
  return isSameAuthor && line.ts - previous.ts < GROUP_MS;
}
