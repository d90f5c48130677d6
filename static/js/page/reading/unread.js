/**
 * What counts as read, and the number in the title.
 *
 * A message is read when its row was on the screen of a page that had the focus: at the end of the
 * list, with the window in front.
 *
 * They are counted from the newest on, until one comes that is read: this is asked at every move, of a log that may be long.
 *
 * @typedef {import('../../chat/messages/timeline.js').Line} Line
 */

import { calledAt } from '../../chat/messages/mentions.js';

/**
 * @param {{lines: Line[], read: number}} state
 * @returns {number} messages of others that are not read
 */
export function unreadCount({ lines, read }) {
  let count = 0;
  for (let at = lines.length - 1; at >= 0; at -= 1) {
    const line = lines[at];
    if (!isOfOthers(line) || line.seq === null) continue;
    if (line.seq <= read) break;
    count += 1;
  }
  return count;
}

/**
 * How often one is called behind what one has read: as far as it is loaded, or as the page has brought it.
 *
 * @param {{lines: Line[], read: number, me: string, opened: {read: number, mentions: number}}} state
 */
export function mentionCount({ lines, read, me, opened }) {
  const here = lines.filter((line) => line.kind === 'message' && line.body.mentions && (calledAt(line, me) ?? 0) > read).length;
  return Math.max(here, read === opened.read ? opened.mentions : 0);
}

/** And there to be read. @param {Line} line @returns {line is import('../../chat/messages/timeline.js').MessageLine} */
export function isOfOthers(line) {
  return line.kind === 'message' && !line.isMine && !line.isDeleted;
}

/**
 * @param {string} room
 * @param {number} unread
 * @param {number} [mentions]
 */
export function titleOf(room, unread, mentions = 0) {
  const counts = [...(mentions > 0 ? [`@${countOf(mentions)}`] : []), ...(unread > 0 ? [countOf(unread)] : [])];
  return counts.length === 0 ? room : `(${counts.join(' · ')}) ${room}`;
}

/** Beyond 99 nobody counts, the server neither. @param {number} unread */
export function countOf(unread) {
  return unread > 99 ? '99+' : String(unread);
}

export function isLookedAt() {
  return document.visibilityState === 'visible' && document.hasFocus();
}
