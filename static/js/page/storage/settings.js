/**
 * What a person has chosen in this browser, by name. Values are words; what was never chosen has its default.
 *
 * A name may end in `:` and a room (`notify:lobby`, or with the path of its chat, `notify:/talk/lobby`; see `ofRoom`): the default is
 * that of the part before it. Where storage is
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

/**
 * The name of what is chosen for one room. Storage is the whole host's, where several chats may lie; no room has a slash.
 *
 * @param {string} name
 * @param {string} base the path that the chat lies under
 * @param {string} room
 */
export function ofRoom(name, base, room) {
  return base === '' ? `${name}:${room}` : `${name}:${base}/${room}`;
}

/** Forgets what was chosen for single rooms of this chat: it tells where one was. @param {string} base */
export function forgetRooms(base) {
  try {
    const keys = Object.keys(localStorage).filter((key) => key.startsWith(PREFIX) && baseOf(key.slice(PREFIX.length)) === base);
    for (const key of keys) localStorage.removeItem(key);
  } catch {
    // Then there is nothing.
  }
}

/** @param {string} name @returns {string | null} nothing: it is for all rooms */
function baseOf(name) {
  const [, base] = /^[^:]+:(?:(.*)\/)?/s.exec(name) ?? [null, null];
  return name.includes(':') ? (base ?? '') : null;
}

/** @param {string} name */
function defaultOf(name) {
  return DEFAULTS.get(name.split(':', 1)[0]) ?? '';
}
