/**
 * The browser's notifications, as far as it has them and lets us: asked for by a gesture, for one room at a time.
 *
 * @typedef {'on' | 'off' | 'denied' | 'missing'} NotificationState
 */

import { Notifier } from './notifier.js';
import { get, set } from './settings.js';
import { isLookedAt } from './unread.js';

/** @param {string} room @returns {NotificationState} */
export function notificationState(room) {
  if (!('Notification' in window)) return 'missing';
  if (Notification.permission === 'denied') return 'denied';
  return get(nameOf(room)) === 'on' && Notification.permission === 'granted' ? 'on' : 'off';
}

/**
 * Call it from a gesture: the browser asks the person, who may say no.
 *
 * @param {string} room
 * @param {boolean} isWanted
 */
export async function setNotifications(room, isWanted) {
  const isAllowed = isWanted && (await Notification.requestPermission()) === 'granted';
  set(nameOf(room), isAllowed ? 'on' : 'off');
}

/**
 * @param {{room: import('../chat/room.js').Room, onProblem: (words: string) => void}} ports
 */
export function notifyOf({ room, onProblem }) {
  const notifier = new Notifier({
    room: room.id, isLookedAt, isOn: () => notificationState(room.id) === 'on', readSeq: () => room.read.seq,
    hold: (name, then) => void navigator.locks?.request(name, () => new Promise(() => then())),
    later: (ms, then) => void setTimeout(then, ms),
    show: (notice, onClick) => show(notice, onClick) ?? giveUp(room.id, onProblem),
    open: (seq) => (location.hash = `s${seq}`),
  });
  room.on('arrived', (event) => notifier.hear(event));
  room.on('read', () => notifier.read());
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
  set(nameOf(room), 'off');
  onProblem('This browser shows no notifications for a page. They are switched off again.');
  return { close: () => {} };
}

/** @param {string} room */
function nameOf(room) {
  return `notify:${room}`;
}
