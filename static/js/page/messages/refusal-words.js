/**
 * Why a message was refused, in words for the one who wrote it.
 *
 * What the server says about a refusal is for those who write clients; its code decides what is shown.
 */

const WORDS = new Map(Object.entries({
  bad_request: 'There is a character in it that cannot be sent.',
  empty: 'There is nothing in it to read.',
  too_long: 'It is too long. Copy it, and send it in two.',
  conflict: 'It has arrived before with other words. Copy it, and send it anew.',
  unsupported: 'It has something in it that is not offered here.',
  muted: 'You may read here, but not write.',
  forbidden: 'You are not allowed to write this here.',
  banned: 'You may not take part here any more.',
  room_closed: 'The room is closed.',
  room_not_found: 'The room is not there any more.',
}));

/** @param {import('../../chat/types.js').Refusal | null} refusal of a message */
export function refusalWords(refusal) {
  return WORDS.get(refusal?.code ?? '') ?? 'It was not accepted here.';
}
