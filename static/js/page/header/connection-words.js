/**
 * The one honest line about the connection: where it stands, in words, and what one can do.
 *
 * @typedef {import('../../chat/connection/connection.js').ConnectionStatus} ConnectionStatus
 * @typedef {import('../../chat/room.js').RoomStatus} RoomStatus
 * @typedef {'connecting' | 'online' | 'reconnecting' | 'offline' | 'catching-up' | 'signed-out'} LineState
 * @typedef {{state: LineState, words: string, action: 'retry' | 'sign-in' | 'reload' | null}} ConnectionLine
 * @typedef {{connection: ConnectionStatus, room: RoomStatus, catchingUp: number, waiting: number,
 *   hasUnkept: boolean, wasOnline: boolean, hasNetwork: boolean, now: number, asOf: string | null}} Situation  `hasUnkept`: of what waits
 *   something is in no storage; `asOf`: of when is what one sees, if it was read without a socket
 */

import { plural, secondsInWords } from '../text/times.js';

const WORTH_A_WORD_SECONDS = 2;
const REFUSED = 'The server refuses the connection.';
const REFUSALS = /** @type {Record<string, {words: string, action: 'retry' | 'reload'}>} */ ({
  banned: { words: 'You may not take part here any more.', action: 'retry' },
  page_incomplete: { words: 'The page did not arrive whole.', action: 'reload' },
  protocol_unsupported: { words: 'The server has a newer version of this page. Nothing is lost by loading it.', action: 'reload' },
});

/**
 * @param {Situation} situation
 * @returns {ConnectionLine}
 */
export function connectionLine(situation) {
  const { connection, hasNetwork, wasOnline } = situation;
  switch (connection.state) {
    case 'online':
      return lineInRoom(situation);
    case 'signed-out':
      return { state: 'signed-out', words: `Signed out.${unsentWords(situation)}`, action: 'sign-in' };
    case 'refused':
      return { state: 'offline', ...(REFUSALS[connection.code] ?? { words: REFUSED, action: 'retry' }) };
    case 'waiting':
      if (!hasNetwork) return offline(situation);
      return { state: 'reconnecting', words: againWords(connection.retryAt, situation), action: 'retry' };
    default:
      if (!hasNetwork) return offline(situation);
      if (wasOnline) return { state: 'reconnecting', words: `Reconnecting…${waitingWords(situation)}`, action: null };
      return { state: 'connecting', words: `${notLiveWords(situation)}Connecting…`, action: null };
  }
}

/**
 * @param {number} retryAt
 * @param {Situation} situation
 */
function againWords(retryAt, situation) {
  const again = `Trying again in ${secondsInWords(secondsUntil(retryAt, situation))}.`;
  return `${notLiveWords(situation, 'No connection. ')}${again}${waitingWords(situation)}`;
}

/** Of when is what one sees, if it was read without a socket. @param {Situation} situation @param {string} [otherwise] */
function notLiveWords({ asOf }, otherwise = '') {
  return asOf === null ? otherwise : `Not live: as of ${asOf}. `;
}

/**
 * @param {Situation} situation
 * @returns {ConnectionLine}
 */
function lineInRoom(situation) {
  const { room, catchingUp, wasOnline } = situation;
  if (room.state === 'refused') return lineOfRefusal(room.refusal);
  if (room.state !== 'joined') return { state: wasOnline ? 'reconnecting' : 'connecting', words: joiningWords(situation), action: null };
  if (catchingUp > 0) return { state: 'catching-up', words: `Catching up (${plural(catchingUp, 'message')})`, action: null };
  return { state: 'online', words: 'Online', action: null };
}

/** @param {import('../../chat/types.js').Refusal} refusal @returns {ConnectionLine} */
function lineOfRefusal({ code, message }) {
  if (code === 'name_taken') return { state: 'connecting', words: 'Your name is taken here', action: null };
  return { state: 'offline', words: message ?? 'The room refuses.', action: 'retry' };
}

/** Why it takes, once that is worth a word. @param {Situation} situation */
function joiningWords(situation) {
  const delay = situation.room.state === 'joining' ? situation.room.delay : undefined;
  if (delay?.refusal.code !== 'rate_limited') return 'Joining the room…';
  const seconds = secondsUntil(delay.retryAt, situation);
  if (seconds < WORTH_A_WORD_SECONDS) return 'Joining the room…';
  return `${delay.refusal.message ?? 'That was too fast.'} Joining in ${secondsInWords(seconds)}.`;
}

/**
 * @param {Situation} situation
 * @returns {ConnectionLine}
 */
function offline(situation) {
  const promise = situation.waiting > 0 ? waitingWords(situation) : ' What you write will be sent when you are back.';
  return { state: 'offline', words: `You are offline.${promise}`, action: 'retry' };
}

/** @param {Situation} situation */
function waitingWords({ waiting, hasUnkept }) {
  return waiting > 0 ? ` ${plural(waiting, 'message')} will be sent when you are back${hasUnkept ? ', if this page stays open' : ''}.` : '';
}

/** Whoever signs in next is somebody else: nothing goes out by itself. @param {Situation} situation */
function unsentWords({ waiting }) {
  return waiting > 0 ? ` ${plural(waiting, 'message')} not sent.` : '';
}

/**
 * @param {number} at
 * @param {Situation} situation
 */
function secondsUntil(at, { now }) {
  return Math.max(1, Math.ceil((at - now) / 1000));
}
