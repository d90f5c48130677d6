/** What has the focus in a row keeps it while the row is drawn anew; what was made anew has it in place of what it was before. */

const STOPS = 'a, button, [tabindex]';

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
