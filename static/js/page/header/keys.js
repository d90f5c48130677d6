/**
 * The keys that work wherever one is on the page. A dialog has the keys to itself; Esc closes it, or the menu.
 * What would be text goes to where one writes: nobody has to find the way back there first.
 *
 * @typedef {'switch' | 'search' | 'help' | 'back' | 'write'} KeyCommand
 * @typedef {{key: string, ctrlKey?: boolean, metaKey?: boolean, altKey?: boolean, shiftKey?: boolean, isComposing?: boolean,
 *   isThirdLevel?: boolean}} Pressed
 *   `isThirdLevel`: Alt, AltGr or Option is what the key needs to be this character
 * @typedef {{isWriting: boolean, isModal: boolean, isMenuOpen: boolean, isBareOn: boolean, hasText: boolean,
 *   hasPointed: boolean}} Surroundings
 *   `isWriting`: in a text field; `isModal`: a dialog is open; `isBareOn`: “?” alone opens the list of keys, unless
 *   it goes on with a text: `hasText`, or one has pointed at something last: `hasPointed`
 */

/** The keys of input methods, and of accents, that come before a character. */
const BEFORE_TEXT = new Set(['Process', 'Dead']);

/**
 * @param {Pressed} pressed
 * @param {Surroundings} surroundings
 * @returns {KeyCommand | null}
 */
export function keyCommand({ key, ctrlKey, metaKey, altKey, shiftKey = false, isComposing, isThirdLevel = false }, surroundings) {
  const { isWriting, isModal, isMenuOpen, isBareOn, hasText, hasPointed } = surroundings;
  if (isComposing || (altKey && !isThirdLevel) || isModal) return null;
  const isFree = !isWriting && !isMenuOpen;
  if ((ctrlKey || metaKey) && !isThirdLevel) return commandOf(key.toLowerCase(), shiftKey, isFree);
  if (isMenuOpen) return null;
  if (key === 'Escape') return 'back';
  if (!isFree || !isText(key)) return null;
  return key === '?' && isBareOn && !hasText && !hasPointed ? 'help' : 'write';
}

/**
 * @param {string} key with Ctrl or Cmd
 * @param {boolean} isShifted without it, “f” finds in the page, as in any other
 * @param {boolean} isFree
 * @returns {KeyCommand | null}
 */
function commandOf(key, isShifted, isFree) {
  if (key === 'f' && isShifted) return 'search';
  if (key === 'v' && isFree) return 'write'; // what is pasted is text as well
  return key === 'k' ? 'switch' : key === '/' ? 'help' : null;
}

/** The space bar scrolls what has the focus, or presses it. @param {string} key */
function isText(key) {
  return BEFORE_TEXT.has(key) || (key !== ' ' && [...key].length === 1);
}

/**
 * @param {Record<KeyCommand, () => void>} actions
 * @param {() => boolean} isBareOn
 */
export function listenToKeys(actions, isBareOn) {
  let hasPointed = false;
  document.addEventListener('pointerdown', () => (hasPointed = true), { capture: true });
  document.addEventListener('keydown', (event) => {
    if (event.defaultPrevented) return;
    const isThirdLevel = event.getModifierState('AltGraph') || (event.altKey && navigator.platform.startsWith('Mac'));
    const { key, ctrlKey, metaKey, altKey, shiftKey, isComposing } = event;
    const command = keyCommand({ key, ctrlKey, metaKey, altKey, shiftKey, isComposing, isThirdLevel }, {
      isWriting: isTextField(event.target), isModal: isThere('dialog:modal'), isMenuOpen: isThere(':popover-open'),
      isBareOn: isBareOn(), hasText: isThere('#composer[data-has-text]'), hasPointed,
    });
    if (event.key === 'Tab' || event.key.startsWith('Arrow') || event.key === 'Escape') hasPointed = false;
    if (command === null) return;
    if (command !== 'write') event.preventDefault(); // or the character goes where the focus is now
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
