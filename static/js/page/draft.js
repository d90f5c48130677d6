/** What one was writing in a room, kept over a reload. Where storage is switched off, it is not. */

/** @param {string} room */
export function keptDraft(room) {
  try {
    return localStorage.getItem(keyOf(room)) ?? '';
  } catch {
    return '';
  }
}

/**
 * @param {string} room
 * @param {string} text
 */
export function keepDraft(room, text) {
  if (text === '') return forgetDraft(room);
  try {
    localStorage.setItem(keyOf(room), text);
  } catch {
    // Full or switched off: the text is still in the composer.
  }
}

/** @param {string} room */
export function forgetDraft(room) {
  try {
    localStorage.removeItem(keyOf(room));
  } catch {
    // Then there is none.
  }
}

/** @param {string} room */
function keyOf(room) {
  return `draft:${room}`;
}
