/**
 * A page put among the ranges of its log: alone where it touches none, otherwise one with those it touches.
 *
 * @typedef {import('../types.js').LogEvent} LogEvent
 * @typedef {{lineage: number, from: number, to: number, events: LogEvent[]}} Page  `events`: those that are new
 */

import { Range } from './range.js';

/**
 * @param {Range[]} ranges in order, those of the page's lineage last
 * @param {Page} page
 * @returns {Range[]}
 */
export function withPage(ranges, page) {
  const isAbove = (/** @type {Range} */ range) => range.lineage !== page.lineage || range.to < page.from - 1;
  const above = ranges.filter(isAbove);
  const touched = ranges.filter((range) => !isAbove(range) && range.from <= page.to + 1);
  return [...above, union(page, touched), ...ranges.slice(above.length + touched.length)];
}

/**
 * @param {Page} page
 * @param {Range[]} touched
 */
function union({ lineage, from, to, events }, touched) {
  const whole = new Range(lineage, Math.min(from, touched[0]?.from ?? from));
  for (const range of touched) {
    whole.append(events.filter((event) => event.seq > whole.to && event.seq < range.from), range.from - 1);
    whole.join(range);
  }
  whole.append(events.filter((event) => event.seq > whole.to), to);
  return whole;
}
