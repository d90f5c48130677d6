/**
 * What the room switcher offers for what was typed: rooms one was in, those that begin with it first, and
 * the room of that name if it is none of them.
 *
 * @typedef {import('../identity/session.js').VisitedRoom} VisitedRoom
 * @typedef {{id: string, unread: number, mentions: number, isNew: boolean, message: string}} RoomChoice  `message`: the hash of the one that a
 *   link names
 */

import { messageFrom, roomFrom, roomProblem } from './room-names.js';

/**
 * @param {{rooms: VisitedRoom[], here: string, typed: string}} state `rooms` in the order in which they are offered
 * @returns {RoomChoice[]}
 */
export function roomChoices({ rooms, here, typed }) {
  const wanted = roomFrom(typed, [here, ...rooms.map(({ id }) => id)]);
  const words = folded(wanted).split(/\s+/);
  const found = rooms.filter(({ id }) => id !== here && words.every((word) => folded(id).includes(word)));
  const isStart = (/** @type {VisitedRoom} */ { id }) => folded(id).startsWith(folded(wanted));
  const message = messageFrom(typed);
  const choices = [...found.filter(isStart), ...found.filter((room) => !isStart(room))]
    .map(({ id, unread, mentions = 0 }) => ({ id, unread, mentions, isNew: false, message: id === wanted ? message : '' }));
  const isOther = wanted !== here && roomProblem(wanted) === '' && !rooms.some(({ id }) => id === wanted);
  return isOther ? [...choices, { id: wanted, unread: 0, mentions: 0, isNew: true, message }] : choices;
}

/** @param {string} text */
function folded(text) {
  return text.normalize('NFKD').replace(/\p{Mn}/gu, '').toLowerCase();
}
