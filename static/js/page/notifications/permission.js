/**
 * Whether the browser's notifications are wanted in a room, and whether it lets us: asked for by a gesture, for one room at a time.
 *
 * @typedef {'on' | 'off' | 'denied' | 'missing'} NotificationState
 */

import { get, set } from '../storage/settings.js';

/** @param {string} room @returns {NotificationState} */
export function notificationState(room) {
  if (!('Notification' in window)) return 'missing';
  if (Notification.permission === 'denied') return 'denied';
  return get(settingOf(room)) === 'on' && Notification.permission === 'granted' ? 'on' : 'off';
}

/**
 * Call it from a gesture: the browser asks the person, who may say no.
 *
 * @param {string} room
 * @param {boolean} isWanted
 */
export async function setNotifications(room, isWanted) {
  const isAllowed = isWanted && (await Notification.requestPermission()) === 'granted';
  set(settingOf(room), isAllowed ? 'on' : 'off');
}

/** @param {string} room */
export function settingOf(room) {
  return `notify:${room}`;
}
