/**
 * Takes an element away, or puts others in its place. The focus does not get lost with it: what holds it has it, where that can.
 *
 * @param {Element} element
 * @param {...Element} instead
 */
export function takeAway(element, ...instead) {
  const holder = element.contains(document.activeElement) ? element.parentElement?.closest('[tabindex]') : null;
  element.replaceWith(...instead);
  if (holder instanceof HTMLElement) holder.focus({ preventScroll: true });
}
