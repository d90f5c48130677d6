/**
 * Which tabs of this browser are alive, so that what a dead one left can be taken over by exactly one.
 *
 * A living tab holds the Web Lock of its device. On plain http there are no Web Locks; there the
 * tabs ask each other over a channel, which a tab that sleeps may miss: then a message may be sent
 * by two, and the server stores it once.
 */

import { keepItem, keptItem } from './browser-storage.js';
import { TIMEOUT_MS, doneOrLate } from './circuit-breaker.js';
import { randomId } from './random-id.js';

const KEY = 'device';
const NAME = 'chat-device:';
const RELOAD_MS = 500;

/**
 * @typedef {{device: string, living: () => Promise<Set<string>>, alone: <T>(work: () => Promise<T>) => Promise<T>}} Tab
 *   `device`: this tab's own id, kept over reloads; `living`: the devices of all living tabs;
 *   `alone`: runs while no other tab does; an error when another one does not come to an end
 */

/** @returns {Promise<Tab>} */
export async function claimDevice() {
  const known = keptItem(KEY, () => sessionStorage);
  const place = navigator.locks ? claimByLock() : (await import('./tabs-by-channel.js')).claimByChannel();
  const device = known !== null && (await place.claim(known)) ? known : randomId();
  if (device !== known) await place.claim(device);
  keepItem(KEY, device, () => sessionStorage); // or else a reload is a new device
  return { device, living: place.living, alone: place.alone };
}

/**
 * A duplicated tab starts with a copy of the other's session storage: the lock tells it. One that
 * was reloaded may have to wait a moment until its former self has let go.
 */
function claimByLock() {
  return {
    /** @param {string} device @returns {Promise<boolean>} */
    claim: (device) => new Promise((resolve) => {
      const forEver = () => new Promise(() => resolve(true));
      navigator.locks.request(NAME + device, { signal: AbortSignal.timeout(RELOAD_MS) }, forEver).catch(() => resolve(false));
    }),
    living: async () => {
      const { held = [] } = await navigator.locks.query();
      return new Set(held.flatMap(({ name }) => (name?.startsWith(NAME) ? [name.slice(NAME.length)] : [])));
    },
    alone,
  };
}

/**
 * Whoever hangs lets the others go on.
 *
 * @template T
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
function alone(work) {
  return new Promise((resolve, reject) => {
    const turn = () => {
      const done = work();
      done.then(resolve, reject);
      return doneOrLate(done);
    };
    navigator.locks.request('chat-outbox', { signal: AbortSignal.timeout(TIMEOUT_MS) }, turn).catch(reject);
  });
}
