/** A link as a code for the camera of a phone. What draws it is loaded when a code is first wanted. */

import { element } from '../dom/element.js';

/** @param {HTMLElement} box @param {string} link */
export async function drawCode(box, link) {
  if (box.childElementCount > 0) return;
  try {
    const { qrCode } = await import('./qr-code.js');
    box.replaceChildren(qrCode(link));
  } catch {
    box.replaceChildren(element('p', { class: 'field-hint' }, 'The code cannot be drawn now. The link works as well.'));
  }
}
