/**
 * What counts as read, and the number in the title.
 *
 * A message is read when its row was on the screen of a page that had the focus: at the end of the
 * list, with the window in front.
 *
 * @typedef {import('../../chat/messages/timeline.js').Line} Line
 *
 * @param {{lines: Line[], read: number}} state
 * @returns {number} messages of others that are not read
 */
export function unreadCount({ lines, read }) {
  return lines.filter((line) => isOfOthers(line) && line.seq !== null && line.seq > read).length;
}

/** And there to be read. @param {Line} line @returns {line is import('../../chat/messages/timeline.js').MessageLine} */
export function isOfOthers(line) {
  return line.kind === 'message' && !line.isMine && !line.isDeleted;
}

/**
 * @param {string} room
 * @param {number} unread
 */
export function titleOf(room, unread) {
  return unread === 0 ? room : `(${countOf(unread)}) ${room}`;
}

/** Beyond 99 nobody counts, the server neither. @param {number} unread */
export function countOf(unread) {
  return unread > 99 ? '99+' : String(unread);
}

export function isLookedAt() {
  return document.visibilityState === 'visible' && document.hasFocus();
}
