/**
 * What a person has chosen in this browser, by name. Values are words; what was never chosen has its default.
 *
 * A name may end in `:` and a room (`notify:lobby`): the default is that of the part before it. Where storage is
 * switched off, those who listen hear of a choice, and it is forgotten with the page.
 */

import { dropItem, keepItem, keptItem } from '../browser/browser-storage.js';

const PREFIX = 'setting:';
const CHANGED = 'settingchange';
const DEFAULTS = new Map(Object.entries({ joins: 'shown', theme: 'system', notify: 'off', keys: 'on' }));

/** @param {string} name @returns {string} */
export function get(name) {
  return keptItem(PREFIX + name) ?? defaultOf(name);
}

/**
 * @param {string} name
 * @param {string} value
 */
export function set(name, value) {
  // Where it is not kept, the page that asked has it all the same.
  if (value === defaultOf(name)) dropItem(PREFIX + name);
  else keepItem(PREFIX + name, value);
  window.dispatchEvent(new CustomEvent(CHANGED, { detail: { name, value } }));
}

/**
 * Hears of every change, in this tab and in others.
 *
 * @param {string} name
 * @param {(value: string) => void} listener
 * @returns {() => void} stops listening
 */
export function onChange(name, listener) {
  const here = (/** @type {any} */ { detail }) => detail.name === name && listener(detail.value);
  // Another tab's storage that is emptied as a whole names no key.
  const elsewhere = (/** @type {any} */ { key }) => (key === null || key === PREFIX + name) && listener(get(name));
  window.addEventListener(CHANGED, here);
  window.addEventListener('storage', elsewhere);
  return () => {
    window.removeEventListener(CHANGED, here);
    window.removeEventListener('storage', elsewhere);
  };
}

/** Forgets what was chosen for single rooms: it tells where one was. */
export function forgetRooms() {
  try {
    const keys = Object.keys(localStorage).filter((key) => key.startsWith(PREFIX) && key.indexOf(':', PREFIX.length) > 0);
    for (const key of keys) localStorage.removeItem(key);
  } catch {
    // Then there is nothing.
  }
}

/** @param {string} name */
function defaultOf(name) {
  return DEFAULTS.get(name.split(':', 1)[0]) ?? '';
}
