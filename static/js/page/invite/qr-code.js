/** A QR code as a picture: one path, as large as its box. It is loaded, with the library that computes it, when it is wanted. */

import { encode } from '../../../vendor/uqr.js';

import { setAttributes } from '../dom/element.js';

const SVG = 'http://www.w3.org/2000/svg';
/** What a camera needs of light around it, in modules. */
const QUIET_ZONE = 4;

/** @param {string} text */
export function qrCode(text) {
  const { data } = encode(text, { ecc: 'L', border: 0 });
  const picture = document.createElementNS(SVG, 'svg');
  const path = document.createElementNS(SVG, 'path');
  const size = data.length + 2 * QUIET_ZONE;
  setAttributes(picture, { viewBox: `${-QUIET_ZONE} ${-QUIET_ZONE} ${size} ${size}`, 'aria-hidden': 'true' });
  setAttributes(path, { d: pathDataOf(data) });
  picture.append(path);
  return picture;
}

/** Each run of dark modules is one bar. @param {boolean[][]} modules by row */
export function pathDataOf(modules) {
  return modules.map((row, y) => runsOf(row).map(([x, width]) => `M${x} ${y}h${width}v1h-${width}z`).join('')).join('');
}

/** @param {boolean[]} row @returns {[number, number][]} where each run begins, and how long it is */
function runsOf(row) {
  const runs = /** @type {[number, number][]} */ ([]);
  row.forEach((isDark, x) => {
    if (isDark && row[x - 1]) runs[runs.length - 1][1] += 1;
    else if (isDark) runs.push([x, 1]);
  });
  return runs;
}
