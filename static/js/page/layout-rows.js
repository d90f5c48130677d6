/**
 * The timeline as the list shows it: days between, and one author's run of messages under one head.
 *
 * @typedef {import('../chat/timeline.js').Line} Line
 * @typedef {import('../chat/timeline.js').MessageLine} MessageLine
 * @typedef {{kind: 'day', key: string, ts: number} | {kind: 'message', key: string, line: MessageLine, isFirst: boolean}
 *   | Exclude<Line, MessageLine>} ListRow
 */

const GROUP_MS = 5 * 60_000;

/**
 * @param {Line[]} lines
 * @param {(ts: number) => string} dayKeyOf
 * @returns {ListRow[]}
 */
export function layoutRows(lines, dayKeyOf) {
  const rows = /** @type {ListRow[]} */ ([]);
  let previous = /** @type {MessageLine | null} */ (null);
  let day = '';
  let log = '';
  for (const line of lines) {
    if (line.kind !== 'message') {
      rows.push(line);
      previous = null;
      if (line.kind === 'restart') [day, log] = ['', line.key];
      continue;
    }
    const dayOfLine = dayKeyOf(line.ts);
    const isNewDay = dayOfLine > day;
    if (isNewDay) rows.push({ kind: 'day', key: `day:${dayOfLine}:${log}`, ts: line.ts });
    if (isNewDay) day = dayOfLine;
    const isFirst = isNewDay || previous === null || !continues(previous, line);
    rows.push({ kind: 'message', key: line.key, line, isFirst });
    previous = line;
  }
  return rows;
}

/**
 * @param {MessageLine} previous
 * @param {MessageLine} line
 */
function continues(previous, line) {
  const isSameAuthor = previous.author.id === line.author.id && previous.author.name === line.author.name;
  return isSameAuthor && line.ts - previous.ts < GROUP_MS;
}
