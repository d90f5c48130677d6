/**
 * What has the focus in a row keeps it while the row is drawn anew; what was made anew has it in place of what it was before, and a
 * neighbour in place of a row that is gone.
 */

const STOPS = 'a, button, [tabindex]';
const ROW = '.message';

/**
 * Without such a one the row has it. In any case what the list does for the row with the focus is done once more: it went with
 * what the row held.
 *
 * @param {HTMLElement} row
 * @param {() => void} draw
 */
export function keepFocus(row, draw) {
  const { activeElement } = document;
  const held = row.contains(activeElement) ? /** @type {HTMLElement} */ (activeElement) : null;
  draw();
  if (held === null) return;
  row.dispatchEvent(new Event('focusin', { bubbles: true }));
  if (row.contains(document.activeElement)) return;
  const stop = row.contains(held) ? held : sameStop(row, held);
  (stop ?? row).focus({ preventScroll: true });
}

/** @param {HTMLElement} row @param {Element} before */
function sameStop(row, before) {
  const name = nameOf(before);
  return /** @type {HTMLElement[]} */ ([...row.querySelectorAll(STOPS)]).find((stop) => nameOf(stop) === name);
}

/** By what people know it: a reaction is the same with another number. @param {Element} stop */
function nameOf(stop) {
  const is = stop.getAttribute('data-emoji') ?? stop.getAttribute('data-act') ?? stop.getAttribute('href') ?? stop.textContent;
  return `${stop.tagName} ${is}`;
}

/** The row with the focus, and its place among all. @param {HTMLElement} list */
export function focusedRow(list) {
  const { activeElement } = document;
  if (!list.contains(activeElement)) return null;
  const rows = [...list.children];
  const place = rows.findIndex((row) => row.contains(activeElement));
  return place < 0 ? null : { row: rows[place], place };
}

/** The row that stands there now, or the next below, or above. @param {HTMLElement} list @param {number} place @returns {boolean} whether there is one */
export function focusNear(list, place) {
  const rows = [...list.children];
  const near = [...rows.slice(place), ...rows.slice(0, place).reverse()].find((row) => row.matches(ROW));
  if (near instanceof HTMLElement) near.focus({ preventScroll: true });
  return near !== undefined;
}
