/** What tells of a room by the browser's notifications is loaded when it is wanted there. */

import { onChange } from '../storage/settings.js';
import { notificationState, settingOf } from './permission.js';

/** @param {{room: import('../../chat/room.js').Room, onProblem: (words: string) => void}} ports */
export function notifyWhereWanted(ports) {
  const room = ports.room.id;
  let isLoaded = false;
  const look = async () => {
    if (isLoaded || !['on', 'mentions'].includes(notificationState(room))) return;
    isLoaded = true;
    try {
      (await import('./notify.js')).notifyOf(ports);
    } catch {
      isLoaded = false; // what comes next tries again
    }
  };
  onChange(settingOf(room), look);
  for (const told of /** @type {const} */ (['arrived', 'called'])) ports.room.on(told, look);
  void look();
}
