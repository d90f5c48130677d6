/** The rows that are not messages: days, gaps, the floor, the divider of a log that is gone, and the empty room. */

import { button, element } from '../element.js';
import { spanInWords } from '../times.js';

/**
 * @param {import('../layout-rows.js').ListRow} row
 * @param {{fill: (from: number) => void, dayOf: (ts: number) => string, retentionMs: number}} page
 */
export function betweenRow(row, { fill, dayOf, retentionMs }) {
  if (row.kind === 'day') return element('h2', { class: 'between' }, dayOf(row.ts));
  if (row.kind === 'gap') {
    const words = row.from === row.to ? `Message ${row.from} not loaded` : `Messages ${row.from}–${row.to} not loaded`;
    return element('div', { class: 'between', 'data-testid': 'gap' }, element('span', {}, words), button('Load', 'link-button', () => fill(row.from)));
  }
  if (row.kind === 'floor') return element('div', { class: 'between', 'data-testid': 'floor' }, `Older than ${spanInWords(retentionMs)}: removed`);
  return element('div', { class: 'between' }, 'What is above is from before the room’s history was replaced');
}

/**
 * A room without messages says how to change that.
 *
 * @param {{link: string, copyLink: () => void, invite: () => void, retentionMs: number}} page
 */
export function emptyRow({ link, copyLink, invite, retentionMs }) {
  return element(
    'div', { class: 'empty', 'data-testid': 'empty' },
    element('p', { class: 'empty-title' }, 'Nobody has said anything yet'),
    element('p', { class: 'empty-text' }, `Send this link to whom you want to talk with. Everything said here is removed after ${spanInWords(retentionMs)}.`),
    element('p', { class: 'empty-link', dir: 'ltr' }, link),
    element('div', { class: 'empty-actions' }, button('Copy the link', 'button button-quiet', copyLink), button('Show the QR code', 'button button-quiet', invite)),
  );
}
