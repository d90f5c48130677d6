/**
 * Who came, who went and who took another name between two lists of who is here.
 *
 * @typedef {import('../types.js').User} User
 * @typedef {{joined: User[], left: User[], renamed: {from: string, user: User}[]}} Moved
 */

/**
 * @param {User[]} before
 * @param {User[]} after
 * @returns {Moved | null} nothing: nobody did
 */
export function movedBetween(before, after) {
  const moved = { joined: without(after, before), left: without(before, after), renamed: renamedBetween(before, after) };
  return hasMoved(moved) ? moved : null;
}

/** @param {Moved} moved */
export function hasMoved({ joined, left, renamed }) {
  return joined.length + left.length + renamed.length > 0;
}

/**
 * @param {User[]} users
 * @param {User[]} others
 */
export function without(users, others) {
  const ids = new Set(others.map((user) => user.id));
  return users.filter((user) => !ids.has(user.id));
}

/**
 * @param {User[]} before
 * @param {User[]} after
 */
function renamedBetween(before, after) {
  const names = new Map(before.map(({ id, name }) => [id, name]));
  return after.flatMap((user) => {
    const from = names.get(user.id);
    return from === undefined || from === user.name ? [] : [{ from, user }];
  });
}
