/** How high a text stands, as far as its characters tell. */

/** Longer ones show their beginning first: see message-marks.css for how much of it. */
const MOST_LINES = 20;
/** Of the screen, if that is low. */
const MOST_OF_SCREEN = 0.6;
const LINE_PX = 22;
/** What a character takes of the width of the window, with all that stands beside the text: see `--measure`. */
const COLUMN_PX = 9;
const [FEWEST_COLUMNS, MOST_COLUMNS] = [30, 90];

/**
 * @param {string} text
 * @param {{width: number, height: number}} screen in pixels
 */
export function isLong(text, { width, height }) {
  const most = Math.min(MOST_LINES, (height * MOST_OF_SCREEN) / LINE_PX);
  if (text.length <= most) return false;
  const columns = Math.min(Math.max(FEWEST_COLUMNS, width / COLUMN_PX), MOST_COLUMNS);
  let lines = text.replaceAll(/\p{M}/gu, '').length / columns; // marks stand above and below
  for (let at = text.indexOf('\n'); at >= 0 && lines <= most; at = text.indexOf('\n', at + 1)) lines += 1;
  return lines > most;
}
