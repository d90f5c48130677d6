/** A hint of a picture, from what came with its message: four by four pixels, which the browser smooths. */

const SIDE = 4;
const DIGITS = 3;
const KNOWN = /^[0-9a-f]{48}$/;

/** @param {string} placeholder three hexadecimal digits a pixel, row by row @returns {HTMLCanvasElement | null} nothing: it is of another kind */
export function placeholderOf(placeholder) {
  if (!KNOWN.test(placeholder)) return null;
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height, canvas.className] = [SIDE, SIDE, 'picture-hint'];
  const context = canvas.getContext('2d');
  for (let at = 0; context && at < SIDE * SIDE; at += 1) {
    context.fillStyle = `#${placeholder.slice(DIGITS * at, DIGITS * (at + 1))}`;
    context.fillRect(at % SIDE, Math.floor(at / SIDE), 1, 1);
  }
  return canvas;
}
