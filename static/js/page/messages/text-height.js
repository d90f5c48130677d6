/** How high a text stands, as far as its characters tell. */

/** About as many stand in a line, on a screen that is neither a phone’s nor wide. */
const COLUMNS = 60;
/** Longer ones show their beginning first: see message-marks.css for how much of it. */
const MOST_LINES = 30;

/** @param {string} text */
export function isLong(text) {
  if (text.length <= MOST_LINES) return false;
  let lines = text.replaceAll(/\p{M}/gu, '').length / COLUMNS; // marks stand above and below
  for (let at = text.indexOf('\n'); at >= 0 && lines <= MOST_LINES; at = text.indexOf('\n', at + 1)) lines += 1;
  return lines > MOST_LINES;
}
