/**
 * The questions to the history that are on their way: told apart by what they ask for, and by when they were sent.
 *
 * @typedef {import('../types.js').HistoryRequest} HistoryRequest
 */

export class Requests {
  /** How many were sent, ever. */
  sent = 0;
  /** By what they ask for: as the how manieth they were sent. @type {Map<string, number>} */
  #onTheirWay = new Map();

  get areOnTheirWay() {
    return this.#onTheirWay.size > 0;
  }

  /** @param {HistoryRequest} request */
  has(request) {
    return this.#onTheirWay.has(keyOf(request));
  }

  /** Whether one is on its way of the first so many. @param {number} sent */
  hasUpTo(sent) {
    return [...this.#onTheirWay.values()].some((number) => number <= sent);
  }

  /** @param {HistoryRequest} request @returns {boolean} not if it is on its way already */
  begin(request) {
    if (this.has(request)) return false;
    this.#onTheirWay.set(keyOf(request), (this.sent += 1));
    return true;
  }

  /** @param {HistoryRequest} request @returns {boolean} whether it was on its way */
  end(request) {
    return this.#onTheirWay.delete(keyOf(request));
  }

  /** Nobody waits for an answer any more. */
  clear() {
    this.#onTheirWay.clear();
  }
}

/** @param {HistoryRequest} request */
function keyOf({ after, before, around, limit }) {
  return JSON.stringify({ after, before, around, limit });
}
