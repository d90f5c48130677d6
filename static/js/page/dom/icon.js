/** A small drawing of lines, as the pages have them: for eyes only, so that what it stands on needs a name. */

const SVG = 'http://www.w3.org/2000/svg';

/** @param {string} path within 20 by 20 */
export function icon(path) {
  const [made, drawn] = [document.createElementNS(SVG, 'svg'), document.createElementNS(SVG, 'path')];
  made.setAttribute('viewBox', '0 0 20 20');
  made.setAttribute('aria-hidden', 'true');
  drawn.setAttribute('d', path);
  made.append(drawn);
  return made;
}
