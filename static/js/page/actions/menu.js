/**
 * What can be done with a message: beside it for a pointer, from below for a finger, which finds all of it there.
 *
 * @typedef {import('../timeline/row-tools.js').Act} Act
 * @typedef {import('../timeline/row-tools.js').MessageLine} MessageLine
 * @typedef {import('./ports.js').Asked} Asked
 */

import { closesOnBackdrop, showDialog } from '../dom/dialog.js';
import { element, part, properName, setText } from '../dom/element.js';
import { pickEmoji } from '../emoji/pick-emoji.js';
import { shortened } from '../text/shortened.js';
import { note } from './note.js';
import { openReacted } from './reacted.js';

const QUICK = ['👍', '❤️', '😂', '😮', '😢', '🎉'];
const EXCERPT = 140;
const NEAR_PX = 4;
const NOTED_MS = 2_500;
/** What the row has buttons for already, where there is a pointer. */
const IN_ROW = new Set(['reply', 'edit', 'delete']);

/** What the menu that is open is about. @type {Asked | null} */
let asked = null;
/** Since it was opened: the finger that has opened it by resting lets go above what it shows. */
let isTouched = false;
const COARSE = matchMedia('(pointer: coarse)');

/** @param {Asked} what */
export function openMenu(what) {
  const menu = part('message-menu', HTMLDialogElement);
  if (asked === null) listen(menu);
  asked = what;
  isTouched = false;
  const { line, asks, may } = what;
  const isTouch = COARSE.matches;
  const offered = isOffered(what, isTouch);
  part('message-menu-author', HTMLElement).replaceChildren(properName(line.author.name));
  setText(part('message-menu-excerpt', HTMLElement), shortened(line.content, EXCERPT));
  const quick = part('message-menu-quick', HTMLElement);
  quick.hidden = !may.has('react') || (asks === 'more' && !isTouch);
  quick.replaceChildren(...QUICK.map((emoji) => quickButton(emoji, line.mine.includes(emoji))), otherButton());
  for (const choice of menu.querySelectorAll('[data-choice]')) /** @type {HTMLElement} */ (choice).hidden = !offered(/** @type {HTMLElement} */ (choice).dataset.choice ?? '');
  showDialog(menu);
  settle();
}

/**
 * @param {Asked} what
 * @param {boolean} isTouch
 * @returns {(choice: string) => boolean}
 */
function isOffered({ line, asks, may, ports }, isTouch) {
  return (choice) => {
    if (choice === 'close') return isTouch;
    if (asks === 'react') return false;
    if (IN_ROW.has(choice)) return isTouch && may.has(/** @type {Act} */ (choice));
    if (choice === 'select') return isTouch;
    if (choice === 'reacted') return ports.room.features.has('reactions') && (line.body.reactions ?? []).length > 0;
    return true;
  };
}

/**
 * @param {string} emoji
 * @param {boolean} isMine
 */
function quickButton(emoji, isMine) {
  return element('button', { type: 'button', class: 'quick-emoji', 'data-quick': emoji, 'aria-pressed': String(isMine), translate: 'no' }, emoji);
}

function otherButton() {
  const attributes = { type: 'button', class: 'quick-emoji', 'data-quick': 'other', 'aria-label': 'Other emoji', title: 'Other emoji' };
  return element('button', attributes, '…');
}

/** Beside what has asked for it, whatever becomes of the window. */
function settle() {
  const menu = part('message-menu', HTMLDialogElement);
  if (COARSE.matches) menu.removeAttribute('style');
  else if (asked && menu.open) place(menu, asked.at);
}

/** @param {HTMLDialogElement} menu */
function listen(menu) {
  closesOnBackdrop(menu);
  window.addEventListener('resize', settle);
  COARSE.addEventListener('change', settle);
  menu.addEventListener('pointerdown', () => (isTouched = true));
  menu.addEventListener('click', ({ target, detail }) => {
    const chosen = target instanceof Element ? target.closest('[data-choice], [data-quick]') : null;
    const isOfKeys = detail === 0;
    if (!(chosen instanceof HTMLElement) || !asked || !(isTouched || isOfKeys)) return;
    menu.close();
    if (chosen.dataset.quick === 'other') void pickOther(asked);
    else if (chosen.dataset.quick) asked.actions.react(asked.line, chosen.dataset.quick);
    else choose(chosen.dataset.choice ?? '', asked);
  });
  menu.addEventListener('close', () => asked && focusAfter(asked));
  menu.addEventListener('keydown', (event) => {
    const by = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    const all = /** @type {HTMLElement[]} */ ([...menu.querySelectorAll('button')]).filter((one) => one.offsetParent !== null);
    const place = all.findIndex((one) => one === document.activeElement);
    all.at((place + by) % all.length)?.focus();
  });
}

/** What has opened it may be gone with what the row held. @param {Asked} what */
function focusAfter({ line, at, ports }) {
  if (at.isConnected && document.activeElement !== document.body) return;
  const row = line.seq === null ? null : ports.rowOf(line.seq);
  if (row) row.focus({ preventScroll: true });
  else ports.toList();
}

/**
 * @param {string} choice
 * @param {Asked} what
 */
function choose(choice, { line, at, actions, ports }) {
  if (choice === 'copy') void noteWhen(ports.copy(line.content), 'The text is copied.');
  if (choice === 'link' && line.seq !== null) void noteWhen(ports.copyMessageLink(line.seq), 'The link to the message is copied.');
  if (choice === 'select') select(at.closest('.message'));
  if (choice === 'reacted') void openReacted(line, ports);
  if (IN_ROW.has(choice)) actions.act(/** @type {Act} */ (choice), line, at);
}

/**
 * @param {Promise<boolean>} done
 * @param {string} words
 */
async function noteWhen(done, words) {
  if (await done) note(words, NOTED_MS);
}

/** @param {Element | null} row */
function select(row) {
  const text = row?.querySelector('.message-text');
  if (!row || !text) return;
  row.toggleAttribute('data-selectable', true);
  getSelection()?.selectAllChildren(text);
}

/** @param {Asked} what */
async function pickOther({ line, at, actions, ports }) {
  try {
    const emoji = await pickEmoji(at);
    if (emoji !== null) actions.react(line, emoji);
  } catch {
    ports.onProblem('The emoji cannot be loaded. Please try again.');
  }
}

/**
 * Beside what has asked for it, where it fits.
 *
 * @param {HTMLElement} menu
 * @param {HTMLElement} at
 */
function place(menu, at) {
  const { top, bottom, right } = at.getBoundingClientRect();
  const { width, height } = menu.getBoundingClientRect();
  const isBelow = bottom + NEAR_PX + height <= window.innerHeight || top < height;
  menu.style.top = `${Math.max(NEAR_PX, Math.min(isBelow ? bottom + NEAR_PX : top - height - NEAR_PX, window.innerHeight - height - NEAR_PX))}px`;
  menu.style.left = `${Math.max(NEAR_PX, Math.min(right - width, window.innerWidth - width - NEAR_PX))}px`;
}
