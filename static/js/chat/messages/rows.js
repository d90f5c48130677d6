/**
 * The ranges of a log as the screen shows them, top to bottom.
 *
 * Every row has a key that stays the same for as long as the row does, so that a view can keep its element.
 *
 * @typedef {import('./range.js').Range} Range
 * @typedef {import('./range.js').Item} Item
 * @typedef {{kind: 'event', key: string} & import('./changes.js').Held} EventRow
 * @typedef {EventRow | {kind: 'gap', key: string, from: number, to: number} | {kind: 'floor', key: string}} Row
 */

/**
 * @param {Range[]} ranges
 * @param {'more' | 'floor' | 'beginning'} start what is above them
 * @param {number} lineage the log's
 * @returns {Row[]}
 */
export function rowsOf(ranges, start, lineage) {
  const rows = /** @type {Row[]} */ (start === 'floor' ? [floorRow(lineage, 'top')] : []);
  ranges.forEach((range, index) => {
    const above = ranges[index - 1];
    if (above) rows.push(gapBetween(above, range, lineage));
    range.items.forEach((item, position) => rows.push(rowOf(range, item, position, lineage)));
  });
  return rows;
}

/**
 * @param {Range} above
 * @param {Range} below
 * @param {number} lineage
 * @returns {Row}
 */
function gapBetween(above, below, lineage) {
  const [from, to] = [above.to + 1, below.from - 1];
  return { kind: 'gap', key: `gap:${lineage}:${to}`, from, to };
}

/**
 * @param {Range} range
 * @param {Item} item
 * @param {number} position
 * @param {number} lineage
 * @returns {Row}
 */
function rowOf(range, item, position, lineage) {
  if (item.kind === 'floor') return floorRow(lineage, String(seqBefore(range, position)));
  return { kind: 'event', key: `${lineage}:${item.event.seq}`, event: item.event, mine: item.mine };
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
 * @param {number} lineage
 * @param {string} place
 * @returns {Row}
 */
function floorRow(lineage, place) {
  return { kind: 'floor', key: `floor:${lineage}:${place}` };
}
