/**
 * The ranges of a log as the screen shows them, top to bottom.
 *
 * Every row has a key that stays the same for as long as the row does, so that a view can keep its element.
 *
 * @typedef {import('../types.js').LogEvent} LogEvent
 * @typedef {import('./range.js').Range} Range
 * @typedef {import('./range.js').Item} Item
 * @typedef {{kind: 'event', key: string, event: LogEvent} | {kind: 'gap', key: string, from: number, to: number}
 *   | {kind: 'floor', key: string} | {kind: 'restart', key: string}} Row
 */

/**
 * @param {Range[]} ranges
 * @param {'more' | 'floor' | 'beginning'} start what is above the newest lineage
 * @returns {Row[]}
 */
export function rowsOf(ranges, start) {
  const newest = ranges.at(-1)?.lineage;
  const rows = /** @type {Row[]} */ ([]);
  ranges.forEach((range, index) => {
    const above = ranges[index - 1];
    if (above && above.lineage === range.lineage) rows.push(gapBetween(above, range));
    if (above && above.lineage !== range.lineage) rows.push({ kind: 'restart', key: `restart:${range.lineage}` });
    if (range.lineage === newest && above?.lineage !== newest && start === 'floor') rows.push(floorRow(range, 'top'));
    range.items.forEach((item, position) => rows.push(rowOf(range, item, position)));
  });
  return rows;
}

/**
 * @param {Range} above
 * @param {Range} below
 * @returns {Row}
 */
function gapBetween(above, below) {
  const [from, to] = [above.to + 1, below.from - 1];
  return { kind: 'gap', key: `gap:${below.lineage}:${to}`, from, to };
}

/**
 * @param {Range} range
 * @param {Item} item
 * @param {number} position
 * @returns {Row}
 */
function rowOf(range, item, position) {
  if (item.kind === 'floor') return floorRow(range, String(seqBefore(range, position)));
  return { kind: 'event', key: `${range.lineage}:${item.event.seq}`, event: item.event };
}

/**
 * @param {Range} range
 * @param {number} position
 */
function seqBefore(range, position) {
  const item = range.items[position - 1];
  return item?.kind === 'event' ? item.event.seq : range.from;
}

/**
 * @param {Range} range
 * @param {string} place
 * @returns {Row}
 */
function floorRow(range, place) {
  return { kind: 'floor', key: `floor:${range.lineage}:${place}` };
}
