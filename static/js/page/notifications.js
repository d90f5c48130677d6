/**
 * The browser's notifications, as far as it has them and lets us: asked for by a gesture, for one room at a time.
 *
 * @typedef {'on' | 'off' | 'denied' | 'missing'} NotificationState
 */

import { get, onChange, set } from './settings.js';

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
 * What tells of a room is loaded when it is wanted there.
 *
 * @param {{room: import('../chat/room.js').Room, onProblem: (words: string) => void}} ports
 */
export function notifyWhereWanted(ports) {
  const room = ports.room.id;
  let isLoaded = false;
  const look = async () => {
    if (isLoaded || notificationState(room) !== 'on') return;
    isLoaded = true;
    try {
      (await import('./notify.js')).notifyOf(ports);
    } catch {
      isLoaded = false; // what comes next tries again
    }
  };
  onChange(nameOf(room), look);
  ports.room.on('arrived', look);
  void look();
}

/** @param {string} room */
function nameOf(room) {
  return `notify:${room}`;
}
