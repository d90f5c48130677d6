/**
 * A finger that rests on a message opens what can be done with it. Links and buttons keep what the browser does with them;
 * of a text to be selected it takes the place, so that is one of the things that can be done.
 */

const REST_MS = 500;
const MOST_PX = 10;
const OF_ITS_OWN = 'a, button, [data-selectable] .message-text';

/**
 * @param {HTMLElement} box
 * @param {(row: HTMLElement) => void} onRest
 */
export function listenToLongPress(box, onRest) {
  /** @type {{timer: ReturnType<typeof setTimeout>, x: number, y: number} | null} */
  let resting = null;
  const stop = () => {
    clearTimeout(resting?.timer);
    resting = null;
  };
  box.addEventListener('pointerdown', (event) => {
    stop();
    const row = event.pointerType === 'touch' && event.isPrimary ? rowOf(event.target) : null;
    if (!row) return;
    const timer = setTimeout(() => {
      stop();
      onRest(row);
    }, REST_MS);
    resting = { timer, x: event.clientX, y: event.clientY };
  });
  box.addEventListener('pointermove', ({ clientX, clientY }) => {
    if (resting && Math.hypot(clientX - resting.x, clientY - resting.y) > MOST_PX) stop();
  });
  for (const event of ['pointerup', 'pointercancel', 'scroll']) box.addEventListener(event, stop, { passive: true });
  // Some browsers have a menu of their own for it.
  box.addEventListener('contextmenu', (event) => {
    if (event instanceof PointerEvent && event.pointerType === 'touch' && rowOf(event.target)) event.preventDefault();
  });
}

/** @param {EventTarget | null} target @returns {HTMLElement | null} */
function rowOf(target) {
  if (!(target instanceof Element) || target.closest(OF_ITS_OWN)) return null;
  return target.closest('.message');
}
