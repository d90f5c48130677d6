/**
 * What tells of a room by the browser's notifications is loaded when it is wanted there. What comes meanwhile it hears when it is here.
 *
 * @typedef {ReturnType<typeof import('./notify.js').notifyOf>} Notify
 */

import { onChange } from '../storage/settings.js';
import { notificationState, settingOf } from './permission.js';

/** @param {{room: import('../../chat/room.js').Room, onProblem: (words: string) => void}} ports */
export function notifyWhereWanted(ports) {
  const { room } = ports;
  const waiting = /** @type {((notify: Notify) => void)[]} */ ([]);
  let notify = /** @type {Notify | null} */ (null);
  let isComing = false;
  const load = async () => {
    if (notify || isComing || !isWanted(room.id)) return;
    isComing = true;
    try {
      notify = (await import('./notify.js')).notifyOf(ports);
      for (const hear of waiting.splice(0)) hear(notify);
    } catch {
      // What comes next tries again.
    } finally {
      isComing = false;
    }
  };
  /** @param {(notify: Notify) => void} hear */
  const tell = (hear) => {
    if (notify) return hear(notify);
    if (isWanted(room.id)) waiting.push(hear);
    void load();
  };
  room.on('arrived', (event) => tell((notify) => notify.arrived(event)));
  room.on('called', (call) => tell((notify) => notify.called(call)));
  room.on('changed', (change) => tell((notify) => notify.changed(change)));
  room.on('read', () => tell((notify) => notify.read()));
  onChange(settingOf(room.id), () => void load());
  void load();
}

/** @param {string} room */
function isWanted(room) {
  return ['on', 'mentions'].includes(notificationState(room));
}
