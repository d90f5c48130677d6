/**
 * How long to wait before the next connection attempt.
 *
 * The ceiling doubles from one second to ten, the wait is drawn anywhere between half a second
 * and the ceiling, so that a thousand clients of a restarted server do not come back as one.
 * A wait the server asked for is kept exactly: it has spread its clients itself.
 */

const SHORTEST_MS = 500;
const FIRST_CEILING_MS = 1_000;
const LONGEST_MS = 10_000;

/**
 * @typedef {{do: 'lost', random: number, after_ms?: number} | {do: 'online'}} ReconnectInput
 * @typedef {{do: 'wait', ms: number}} ReconnectAction
 */

export class Reconnect {
  /** Attempts lost in a row. */
  attempt = 0;

  /**
   * @param {ReconnectInput} input
   * @returns {ReconnectAction[]}
   */
  handle(input) {
    if (input.do === 'online') {
      this.attempt = 0;
      return [];
    }
    this.attempt += 1;
    return [{ do: 'wait', ms: input.after_ms ?? waitBefore(this.attempt, input.random) }];
  }
}

/**
 * @param {number} attempt
 * @param {number} random
 */
function waitBefore(attempt, random) {
  const ceiling = Math.min(LONGEST_MS, FIRST_CEILING_MS * 2 ** (attempt - 1));
  return Math.floor(SHORTEST_MS + random * (ceiling - SHORTEST_MS));
}
