/**
 * The rows that are not messages: what was deleted, days, what is new, joins and leaves, gaps, the floor, and
 * the empty room.
 */

import { readOpening } from '../browser/opening.js';
import { pathOf } from '../browser/place.js';
import { button, element } from '../dom/element.js';
import { copyButton } from '../invite/copy-button.js';
import { drawCode } from '../invite/link-code.js';
import { isOnlyHere, readable, whatToDoWith } from '../invite/shown-link.js';
import { joinsPieces } from '../people/joins-words.js';
import { nodesOf } from '../text/language.js';
import { spanInWords } from '../text/times.js';

/** As in the style sheet of messages. */
const HAS_ROOM = '(min-width: 50.01rem) and (min-height: 40rem)';

/**
 * @typedef {import('./list-rows.js').Row} Row
 * @typedef {Exclude<Row, {kind: 'message'}>} BetweenRow
 * @typedef {{room: import('../../chat/room.js').Room, times: import('../text/times.js').Times, now: () => number,
 *   link: string, copyLink: () => Promise<boolean>, invite: () => void}} BetweenPorts
 */

/**
 * @param {BetweenRow} row
 * @param {BetweenPorts} ports
 * @returns {{shows: string, make: () => HTMLElement}} `shows`: with another one, it is to be made again
 */
export function betweenRow(row, ports) {
  const { room, times, now } = ports;
  const span = spanInWords(room.log.retentionMs);
  switch (row.kind) {
    case 'day':
      return said('h2', 'between', times.day(row.ts, now()));
    case 'new':
      return said('div', 'between between-new', 'New', { 'data-testid': 'new', role: 'separator', 'aria-label': 'New messages' });
    case 'joins':
      return { shows: JSON.stringify(row), make: () => joinsRow(row, times) };
    case 'deleted':
      return { shows: row.seqs.join(), make: () => deletedRow(row.seqs) };
    case 'gap':
      return { shows: JSON.stringify(row), make: () => gapRow(row, room) };
    case 'floor':
      return said('div', 'between', `Older than ${span}: removed`, { 'data-testid': 'floor' });
    case 'loading':
      return said('p', 'loading', 'Loading older messages…');
    case 'empty':
      return { shows: String(othersIn(room)), make: () => emptyRow({ ...ports, others: othersIn(room) }) };
  }
}

/**
 * @param {'h2' | 'div' | 'p'} tag
 * @param {string} className
 * @param {string} words
 * @param {Record<string, string>} [attributes]
 */
function said(tag, className, words, attributes = {}) {
  return { shows: words, make: () => element(tag, { class: className, ...attributes }, words) };
}

/**
 * @param {Extract<BetweenRow, {kind: 'joins'}>} row
 * @param {import('../text/times.js').Times} times
 */
function joinsRow(row, times) {
  return element('p', { class: 'joins', 'data-testid': 'joins', title: times.exact(row.ts) }, ...nodesOf(joinsPieces(row)));
}

/** Read with the last of them. @param {number[]} seqs */
function deletedRow(seqs) {
  const words = seqs.length > 1 ? `${seqs.length} messages deleted` : 'Message deleted';
  return element('p', { class: 'between-deleted', 'data-testid': 'deleted', 'data-seq': seqs.at(-1) ?? null }, words);
}

/**
 * The page next to where one reads is what the click loads.
 *
 * @param {Extract<BetweenRow, {kind: 'gap'}>} row
 * @param {import('../../chat/room.js').Room} room
 */
function gapRow({ from, to }, room) {
  const words = from === to ? `Message ${from} not loaded` : `Messages ${from}–${to} not loaded`;
  const load = () => room.fill(isInUpperHalf(made) ? { to } : { from });
  const made = element('div', { class: 'between', 'data-testid': 'gap' }, element('span', {}, words), button('Load', 'link-button', load));
  return made;
}

/** @param {HTMLElement} row */
function isInUpperHalf(row) {
  return row.getBoundingClientRect().top < window.innerHeight / 2;
}

/** Those whose connection is lost may have gone. @param {import('../../chat/room.js').Room} room */
function othersIn({ presence }) {
  return Math.max(0, presence.count - 1 - presence.users.filter((user) => user.lost_at !== undefined).length);
}

/**
 * A room without messages says how to change that.
 *
 * @param {{link: string, copyLink: () => Promise<boolean>, invite: () => void, others: number}} page
 */
function emptyRow({ link, copyLink, invite, others }) {
  const namesake = readOpening()?.namesake ?? null;
  const isAlone = others === 0;
  const codes = isOnlyHere(link) ? [] : [codeOf(link)];
  const askForCode = codes.map(() => button('Show the QR code', 'button button-quiet empty-ask-code', invite));
  return element(
    'div', { class: 'empty', 'data-testid': 'empty' },
    element('p', { class: 'empty-title' }, isAlone ? 'The room is ready' : 'Nobody has said anything yet'),
    element('p', { class: 'empty-text' }, isAlone ? whatToDoWith(link) : `${others === 1 ? 'One other is' : `${others} others are`} here: say hello.`),
    ...(namesake === null ? [] : [element('p', { class: 'empty-text' }, 'Looking for ', element('a', { href: pathOf(namesake), translate: 'no' }, namesake), '? That is another room.')]),
    ...codes,
    element('p', { class: 'empty-link', dir: 'ltr', translate: 'no' }, readable(link)),
    element('div', { class: 'empty-actions' }, copyButton('Copy link', 'button button-main', copyLink), ...askForCode),
  );
}

/** Where there is room for it; elsewhere one asks for it. @param {string} link */
function codeOf(link) {
  const box = element('div', { class: 'invite-code empty-code', role: 'img', 'aria-label': 'QR code of the link' });
  const hasRoom = matchMedia(HAS_ROOM);
  if (hasRoom.matches) void drawCode(box, link);
  else hasRoom.addEventListener('change', () => void drawCode(box, link), { once: true });
  return box;
}
