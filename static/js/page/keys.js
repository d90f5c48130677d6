/**
 * The keys that work wherever one is on the page. A dialog has the keys to itself; Esc closes it, or the menu.
 *
 * @typedef {'switch' | 'help' | 'back'} KeyCommand
 * @typedef {{key: string, ctrlKey?: boolean, metaKey?: boolean, altKey?: boolean, isComposing?: boolean}} Pressed
 * @typedef {{isWriting: boolean, isModal: boolean, isMenuOpen: boolean, isBareOn: boolean}} Surroundings
 *   `isWriting`: in a text field; `isModal`: a dialog is open; `isBareOn`: “?” alone opens the list of keys
 */

/**
 * @param {Pressed} pressed
 * @param {Surroundings} surroundings
 * @returns {KeyCommand | null}
 */
export function keyCommand({ key, ctrlKey, metaKey, altKey, isComposing }, { isWriting, isModal, isMenuOpen, isBareOn }) {
  if (isComposing || altKey || isModal) return null;
  if (ctrlKey || metaKey) return key.toLowerCase() === 'k' ? 'switch' : key === '/' ? 'help' : null;
  if (isMenuOpen) return null;
  if (key === '?' && isBareOn && !isWriting) return 'help';
  return key === 'Escape' ? 'back' : null;
}

/**
 * @param {Record<KeyCommand, () => void>} actions
 * @param {() => boolean} isBareOn
 */
export function listenToKeys(actions, isBareOn) {
  document.addEventListener('keydown', (event) => {
    if (event.defaultPrevented) return;
    const surroundings = { isWriting: isTextField(event.target), isModal: isThere('dialog:modal'), isMenuOpen: isThere(':popover-open') };
    const command = keyCommand(event, { ...surroundings, isBareOn: isBareOn() });
    if (command === null) return;
    event.preventDefault();
    actions[command]();
  });
}

/** @param {string} selector */
function isThere(selector) {
  return document.querySelector(selector) !== null;
}

/** @param {EventTarget | null} target */
function isTextField(target) {
  return target instanceof HTMLElement && target.matches('textarea, input:not([type=radio], [type=checkbox])');
}
