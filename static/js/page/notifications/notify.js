/** Tells of what arrives in a room by the browser's notifications: see notifier.js for when. */

import { calledAt } from '../../chat/messages/mentions.js';
import { BASE } from '../browser/place.js';
import { isLookedAt } from '../reading/unread.js';
import { Notifier } from './notifier.js';
import { notificationState, setNotifications } from './permission.js';

/**
 * What it is to hear of the room's events.
 *
 * @param {{room: import('../../chat/room.js').Room, onProblem: (words: string) => void}} ports
 */
export function notifyOf({ room, onProblem }) {
  const notifier = new Notifier({
    base: BASE, room: room.id, isLookedAt, isOn: (isCall) => isToBeTold(notificationState(room.id), isCall), readSeq: () => room.read.seq,
    hold: (name, then) => void hold(name, then),
    later: (ms, then) => void setTimeout(then, ms),
    show: (notice, onClick) => show(notice, onClick) ?? giveUp(room.id, onProblem),
    open: (seq) => (location.hash = `s${seq}`),
  });
  /** @type {{[told in 'arrived' | 'called' | 'changed']: (event: import('../../chat/room.js').RoomEvents[told]) => void} & {read: () => void}} */
  const heard = {
    arrived: ({ seq, user, body }) => notifier.hear({ seq, user, body, isCall: calledAt({ seq, author: user, body }, room.me.id) !== null }),
    called: ({ seq, at, author, content }) => notifier.hear({ seq, at, user: author, body: { content }, isCall: true }),
    changed: ({ seqs }) => notifier.gone(deletedOf(room, seqs)),
    read: () => notifier.read(),
  };
  return heard;
}

/**
 * @param {string} name
 * @param {(isOurs: boolean) => void} then
 */
async function hold(name, then) {
  const ours = () => new Promise(() => then(true));
  await navigator.locks?.request(name, { ifAvailable: true }, (lock) => (lock ? ours() : then(false)));
  await navigator.locks?.request(name, ours);
}

/**
 * @param {import('./permission.js').NotificationState} state
 * @param {boolean} isCall
 */
function isToBeTold(state, isCall) {
  return state === 'on' || (state === 'mentions' && isCall);
}

/**
 * @param {import('../../chat/room.js').Room} room
 * @param {number[]} seqs
 */
function deletedOf(room, seqs) {
  const changed = new Set(seqs);
  const deleted = room.lines().flatMap((line) => (line.kind === 'message' && line.isDeleted && line.seq !== null ? [line.seq] : []));
  return new Set(deleted.filter((seq) => changed.has(seq)));
}

/**
 * @param {import('./notifier.js').Notice} notice
 * @param {() => void} onClick
 */
function show({ title, options }, onClick) {
  try {
    const shown = new Notification(title, options);
    shown.addEventListener('click', () => {
      window.focus();
      shown.close();
      onClick();
    });
    return shown;
  } catch {
    return null;
  }
}

/**
 * Some phones have the word and show nothing for an open page.
 *
 * @param {string} room
 * @param {(words: string) => void} onProblem
 */
function giveUp(room, onProblem) {
  void setNotifications(room, 'off');
  onProblem('This browser shows no notifications for a page. They are switched off again.');
  return { close: () => {} };
}
