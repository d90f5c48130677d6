/** Why nobody can be called so, as far as the page can tell. */

import { lengthOf, showsNothing } from '../text/text-length.js';

const LONGEST = 32;

/** @param {string} name without spaces around it @returns {string} nothing, if it may be one */
export function nameProblem(name) {
  if (showsNothing(name)) return 'Please type a name.';
  const length = lengthOf(name);
  return length > LONGEST ? `A name has at most ${LONGEST} characters. This one has ${length}.` : '';
}
