/**
 * Names for new rooms: easy to say, hard enough to guess for a chat that is gone in a day.
 */

import { seqOf } from '../messages/message-hash.js';
import { lengthOf, showsNothing } from '../text/text-length.js';

const LONGEST = 64;
/** Of any chat, wherever it lies. */
const LINK = /^https?:\/\/[^/?#]+(?:\/[^?#]*)?\/chat\/([^/?#]+)/i;
const QUALITIES = `amber bold brave breezy bright calm clever cosy crisp curious dapper daring early fair fearless fond gentle glad golden
grand happy hardy humble jolly keen kind lively loyal lucky mellow merry mighty misty modest neat nimble noble patient plucky polite proud
quick quiet rapid ready rosy rustic serene silent silver sleepy smart snug sober steady still sunny swift tidy tranquil vivid warm wise
witty`.split(/\s+/);
const THINGS = `acorn anchor badger bakery beacon birch bison breeze bridge brook cabin canyon cedar cliff clover comet coral crane creek
delta dune falcon fern finch fjord forest fox garden glacier grove harbour hazel heron hill island ivy kestrel lagoon lantern lark
lighthouse lynx maple meadow meteor moon moss oak ocean orchard otter owl pebble pine plover pond puffin quarry raven reef river robin
sparrow spruce summit thicket tide valley willow`.split(/\s+/);

/** @param {() => number} random in [0, 1) */
export function newRoomName(random = Math.random) {
  const pick = (/** @type {string[]} */ words) => words[Math.floor(random() * words.length)];
  return `${pick(QUALITIES)}-${pick(THINGS)}-${String(Math.floor(random() * 10_000)).padStart(4, '0')}`;
}

/** The room that the landing page's address asks for (see place.js); nothing, if it can be none. @param {string} search of it */
export function roomChosen(search) {
  const room = new URLSearchParams(search).get('room')?.trim() ?? '';
  return roomProblem(room) === '' ? room : '';
}

/**
 * What a person typed, or pasted: a name, or a whole invite link. A link says exactly which room it means. A name is written
 * small, as phones begin it with a large letter, unless it is that of a room one knows.
 *
 * @param {string} typed
 * @param {string[]} [known] names of rooms
 */
export function roomFrom(typed, known = []) {
  const link = LINK.exec(typed.trim());
  if (!link) return asKnown(typed.trim().replace(/^#\s*/, ''), known);
  try {
    return decodeURIComponent(link[1]);
  } catch {
    return typed.trim();
  }
}

/**
 * @param {string} name
 * @param {string[]} known
 */
function asKnown(name, known) {
  const small = name.toLowerCase();
  return known.find((one) => one === name) ?? known.find((one) => one.toLowerCase() === small) ?? small;
}

/** The message that a pasted link names besides its room, as in `#s120`. @param {string} typed */
export function messageFrom(typed) {
  const [hash = ''] = LINK.test(typed.trim()) ? (/#.*$/.exec(typed.trim()) ?? []) : [];
  return seqOf(hash) === null ? '' : hash;
}

/** Why this cannot be a room's name, as the server sees it; nothing, if it can. @param {string} name */
export function roomProblem(name) {
  if (showsNothing(name)) return 'Please name a room.';
  if (name.includes('/')) return 'A room’s name has no “/”.';
  if (name === '.' || name === '..') return 'A room’s name is more than dots.';
  return lengthOf(name) > LONGEST ? `A room’s name has at most ${LONGEST} characters.` : '';
}
