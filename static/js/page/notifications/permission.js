/**
 * Which of a room's messages the browser's notifications are wanted for, and whether it lets us: asked for by a gesture, for one room
 * at a time. A room of the same name in a chat under another path of this host is another room.
 *
 * @typedef {'on' | 'mentions' | 'off'} Wanted  `mentions`: those that call one by name
 * @typedef {Wanted | 'denied' | 'missing'} NotificationState
 */

import { BASE } from '../browser/place.js';
import { get, ofRoom, set } from '../storage/settings.js';

/** @param {string} room @returns {NotificationState} */
export function notificationState(room) {
  if (!('Notification' in window)) return 'missing';
  if (Notification.permission === 'denied') return 'denied';
  return Notification.permission === 'granted' ? wantedOf(get(settingOf(room))) : 'off';
}

/**
 * Call it from a gesture: the browser asks the person, who may say no.
 *
 * @param {string} room
 * @param {Wanted} wanted
 */
export async function setNotifications(room, wanted) {
  const isAllowed = wanted !== 'off' && (await Notification.requestPermission()) === 'granted';
  set(settingOf(room), isAllowed ? wanted : 'off');
}

/** @param {string} room */
export function settingOf(room) {
  return ofRoom('notify', BASE, room);
}

/** @param {string} kept @returns {Wanted} */
function wantedOf(kept) {
  return kept === 'on' || kept === 'mentions' ? kept : 'off';
}
