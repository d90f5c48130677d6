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
  upload_too_large: 'A file is too large.',
  upload_unknown: 'The server does not have the files any more.',
  upload_refused: 'A picture in it is damaged, and cannot be shown.',
  upload_lost: 'This browser has not kept the files. Discard it, and choose them again.',
  upload_unread: 'The storage of this browser, where the files are, does not answer. Try again later.',
  page_incomplete: 'A part of the page is missing. Reload it to send this.',
  storage_full: 'There is no room for files now. Try again later.',
  rate_limited: 'That is more than one may send now. Try again later.',
  uploads_off: 'Files cannot be sent here any more.',
}));

/** @param {import('../../chat/types.js').Refusal | null} refusal of a message */
export function refusalWords(refusal) {
  if (refusal?.code === 'upload_refused' && refusal.why === 'too_large') return 'A picture in it has too many pixels.';
  return WORDS.get(refusal?.code ?? '') ?? 'It was not accepted here.';
}
