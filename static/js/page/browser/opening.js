/**
 * What the page brought with it, so that the first thing seen costs no more than the page: who opens it, and what
 * the room had to show at that moment.
 *
 * @typedef {{user: import('../../chat/types.js').User, server_time: number, room: import('../../chat/types.js').Opening | null,
 *   namesake: string | null}} PageOpening  `room`: nothing, where nobody has been yet; `namesake`: a room of this name in small
 *   letters, where nothing was said in this one
 * @typedef {{names: string[], count: number}} PeopleHere  of many only some are named
 */

/** @returns {PageOpening | null} nothing: not signed in, or it could not be had in time */
export function readOpening() {
  return broughtAs('opening');
}

/** @returns {PeopleHere | null} nothing: signed in, or it could not be had in time */
export function readPeopleHere() {
  return broughtAs('people-here');
}

/** @param {string} id */
function broughtAs(id) {
  const text = document.getElementById(id)?.textContent;
  return text ? JSON.parse(text) : null;
}

/** When the page came, by one’s own clock: its scripts may have taken seconds since. */
export function pageCameAt() {
  const [page] = performance.getEntriesByType('navigation');
  return performance.timeOrigin + (page instanceof PerformanceNavigationTiming ? page.responseStart : 0);
}
