/**
 * A page put among the ranges of its log: alone where it touches none, otherwise one with those it touches.
 *
 * @typedef {import('../types.js').LogEvent} LogEvent
 * @typedef {{from: number, to: number, events: LogEvent[], mine?: import('../types.js').Mine}} Page  `events`: those that are new
 */

import { Range } from './range.js';

/**
 * @param {Range[]} ranges in order
 * @param {Page} page
 * @returns {Range[]}
 */
export function withPage(ranges, page) {
  const above = ranges.filter((range) => range.to < page.from - 1);
  const touched = ranges.slice(above.length).filter((range) => range.from <= page.to + 1);
  return [...above, union(page, touched), ...ranges.slice(above.length + touched.length)];
}

/**
 * @param {Page} page
 * @param {Range[]} touched
 */
function union({ from, to, events, mine }, touched) {
  const whole = new Range(Math.min(from, touched[0]?.from ?? from));
  for (const range of touched) {
    whole.append(events.filter((event) => event.seq > whole.to && event.seq < range.from), range.from - 1, mine);
    whole.join(range);
  }
  whole.append(events.filter((event) => event.seq > whole.to), to, mine);
  return whole;
}
