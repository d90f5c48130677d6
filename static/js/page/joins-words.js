/**
 * Joins, leaves and new names in words: “Ana and 3 others joined, Bo left, Cy is now Cyril”.
 *
 * Names may be written from right to left, so each is told apart from the words around it.
 *
 * @typedef {{text: string, isName: boolean}} Piece
 */

const NAMED = 3;

/**
 * @param {{joined: {name: string}[], left: {name: string}[], renamed: {from: string, user: {name: string}}[]}} moved
 * @param {string} [locale]
 * @returns {Piece[]}
 */
export function joinsPieces({ joined, left, renamed }, locale) {
  const names = renamed.map(({ from, user }) => [name(from), word(' is now '), name(user.name)]);
  const sentences = [sentence(joined, 'joined', locale), sentence(left, 'left', locale), ...names].filter((pieces) => pieces.length > 0);
  return sentences.flatMap((pieces, index) => (index === 0 ? pieces : [word(', '), ...pieces]));
}

/**
 * @param {{name: string}[]} users
 * @param {string} verb
 * @param {string} [locale]
 * @returns {Piece[]}
 */
function sentence(users, verb, locale) {
  if (users.length === 0) return [];
  if (users.length > NAMED) return [name(users[0].name), word(` and ${users.length - 1} others ${verb}`)];
  const list = new Intl.ListFormat(locale, { type: 'conjunction' }).formatToParts(users.map((user) => user.name));
  return [...list.map(({ type, value }) => ({ text: value, isName: type === 'element' })), word(` ${verb}`)];
}

/** @param {string} text @returns {Piece} */
function name(text) {
  return { text, isName: true };
}

/** @param {string} text @returns {Piece} */
function word(text) {
  return { text, isName: false };
}
