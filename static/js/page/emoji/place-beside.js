/**
 * Puts something that lies over the page beside what has opened it: above, if there is room, or else below. On a narrow
 * window it comes from below, as the style sheet says.
 */

const GAP_PX = 8;
const NARROW = '(max-width: 40rem)';

/**
 * @param {HTMLElement} box
 * @param {HTMLElement} anchor
 */
export function placeBeside(box, anchor) {
  box.style.inset = '';
  if (matchMedia(NARROW).matches) return;
  const { top, bottom, right } = anchor.getBoundingClientRect();
  const { width, height } = box.getBoundingClientRect();
  const above = top - GAP_PX - height;
  const below = Math.min(bottom + GAP_PX, innerHeight - GAP_PX - height);
  const left = Math.min(Math.max(GAP_PX, right - width), innerWidth - GAP_PX - width);
  box.style.inset = `${Math.max(GAP_PX, above >= GAP_PX ? above : below)}px auto auto ${left}px`;
}
