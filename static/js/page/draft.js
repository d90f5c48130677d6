/** What one was writing in a room, and when, kept over a reload. Where storage is switched off, it is not. */

const PREFIX = 'draft:';

/** @param {string} room */
export function keptDraft(room) {
  try {
    return read(PREFIX + room).text;
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
    localStorage.setItem(PREFIX + room, JSON.stringify({ text, at: Date.now() }));
  } catch {
    // Full or switched off: the text is still in the composer.
  }
}

/** @param {string} room */
export function forgetDraft(room) {
  try {
    localStorage.removeItem(PREFIX + room);
  } catch {
    // Then there is none.
  }
}

export function forgetDrafts() {
  forgetDraftsBefore(Infinity);
}

/** @param {number} writtenBefore */
export function forgetDraftsBefore(writtenBefore) {
  try {
    const keys = Object.keys(localStorage).filter((key) => key.startsWith(PREFIX));
    for (const key of keys) if (read(key).at <= writtenBefore) localStorage.removeItem(key);
  } catch {
    // Then there are none.
  }
}

/** @param {string} key @returns {{text: string, at: number}} */
function read(key) {
  const kept = localStorage.getItem(key);
  try {
    const { text, at } = JSON.parse(kept ?? '');
    return { text: String(text), at: Number(at) };
  } catch {
    return { text: '', at: 0 };
  }
}
