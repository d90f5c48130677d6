/**
 * People by their names, as `@an`: those who are here, then those who have spoken and gone; and all who are here at once, where they
 * are not too many.
 *
 * @typedef {import('../../chat/messages/calling.js').Calling} Calling
 * @typedef {import('./completed.js').Choice} Choice
 */

import { EVERYBODY } from '../../chat/messages/mentions.js';
import { element, properName } from '../dom/element.js';

const MOST = 6;

/** @param {Calling} calling @returns {import('./completed.js').Source} */
export function mentionSource(calling) {
  return {
    label: 'People',
    // A name may have spaces; an address of mail is none.
    begun: /(?:^|[^A-Za-z0-9._%+-])(@[^@\n]{0,32})$/u,
    find: (word) => (calling.isOffered() ? choices(calling, fold(word.slice(1))) : []),
  };
}

/**
 * @param {Calling} calling
 * @param {string} wanted folded
 * @returns {Choice[]}
 */
function choices(calling, wanted) {
  if (wanted.startsWith(' ')) return [];
  const fits = (/** @type {string} */ name) => ` ${fold(name)}`.includes(` ${wanted}`);
  const isStart = (/** @type {{name: string}} */ { name }) => fold(name).startsWith(wanted);
  // Whose name is written out, with the space behind it, was meant: not another whose name begins like it.
  if (wanted.endsWith(' ') && calling.people().some(({ name }) => fold(name) === wanted.trimEnd())) return [];
  const found = calling.people().filter(({ name }) => fits(name));
  const people = [...found.filter(isStart), ...found.filter((person) => !isStart(person))].map((person) => choiceOf(person.name, calling.isHere(person.id) ? '' : 'not here now'));
  const all = calling.everybody > 1 && fits(EVERYBODY.name) ? [choiceOf(EVERYBODY.name, 'everybody here')] : [];
  return [...people.slice(0, MOST - all.length), ...all];
}

/** @param {string} name @param {string} note @returns {Choice} */
function choiceOf(name, note) {
  const noted = note === '' ? [] : [' ', element('span', { class: 'completion-note' }, note)];
  return { shown: [properName(`@${name}`), ...noted], text: `@${name}` };
}

/** @param {string} text */
function fold(text) {
  return text.normalize('NFKD').replace(/\p{Mn}/gu, '').toLowerCase();
}
