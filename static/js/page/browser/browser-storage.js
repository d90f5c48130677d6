/**
 * Keeping small things in the browser so that one never reads what is older than what was to be kept: where the
 * storage is full, the old value goes as well.
 */

/**
 * @param {string} key
 * @param {string} value
 * @param {() => Storage} store  asked for anew each time: where storage is switched off, asking is what fails
 * @returns {boolean} whether it is kept
 */
export function keepItem(key, value, store = () => localStorage) {
  try {
    store().setItem(key, value);
    return true;
  } catch {
    dropItem(key, store);
    return false;
  }
}

/**
 * @param {string} key
 * @param {() => Storage} store
 * @returns {string | null} nothing, also where storage is switched off
 */
export function keptItem(key, store = () => localStorage) {
  try {
    return store().getItem(key);
  } catch {
    return null;
  }
}

/**
 * @param {string} key
 * @param {() => Storage} store
 */
export function dropItem(key, store = () => localStorage) {
  try {
    store().removeItem(key);
  } catch {
    // Switched off: there is nothing.
  }
}
