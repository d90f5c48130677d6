/** How long to wait after a refusal that does not say it itself. */

const FIRST_MS = 1_000;
const LONGEST_MS = 10_000;

/** @param {number} inARow how many refusals there were before */
export function retryMs(inARow) {
  return Math.min(LONGEST_MS, FIRST_MS * 2 ** inARow);
}
