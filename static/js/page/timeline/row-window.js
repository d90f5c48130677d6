/**
 * Which of a list's rows are in the document: a stretch of them, which follows the eye. Others call it a virtual list.
 *
 * A long list costs what its elements cost. So there is a fixed number of them around what is on the screen, and
 * when the screen comes near an end of the stretch, the stretch follows: each time by a part of the way that is left, as
 * all that comes is laid out before the next frame. So many come as one scrolls by, and none of the frames has many.
 */

const SIZE = 200;
const MARGIN = 66;
/** Of the way to where the screen is in the middle. */
const PART = 1 / 3;
const [FEWEST, MOST] = [8, 30];
/** So near to the end of the stretch, a part of the way is too little. */
const TOO_NEAR = 12;

export class RowWindow {
  start = 0;
  #length = 0;

  get end() {
    return Math.min(this.#length, this.start + SIZE);
  }

  get reachesEnd() {
    return this.end === this.#length;
  }

  /** @param {number} length of the whole list */
  toEnd(length) {
    this.#move(length - SIZE, length);
  }

  /**
   * @param {number} index a row that is to be in the middle
   * @param {number} length
   */
  around(index, length) {
    this.#move(Math.round(index - SIZE / 2), length);
  }

  /**
   * Rows came or went: what is shown stays in its place. What came above has time.
   *
   * @param {number} by how much further down a row of the screen is now
   * @param {number} length
   */
  shift(by, length) {
    this.#length = length;
    this.start = Math.max(0, Math.min(this.start + by, length - 1));
  }

  /**
   * @param {number} first on the screen, an index of the whole list
   * @param {number} last
   * @returns {boolean} whether there are other rows to show now
   */
  follow(first, last) {
    const isNearStart = first - this.start < MARGIN && this.start > 0;
    const isNearEnd = this.end - last <= MARGIN && !this.reachesEnd;
    const before = this.start;
    if (isNearStart || isNearEnd) this.#approach(first, last);
    return this.start !== before;
  }

  /** What is on the screen comes nearer to the middle; to scroll to there asks for more. @param {number} first @param {number} last */
  #approach(first, last) {
    const wanted = this.#within(Math.round((first + last - SIZE) / 2));
    const near = this.start + partOf(wanted - this.start);
    const isAround = near + TOO_NEAR <= first && last <= near + SIZE - TOO_NEAR;
    this.start = isAround ? near : wanted;
  }

  /**
   * @param {number} start
   * @param {number} length
   */
  #move(start, length) {
    this.#length = length;
    this.start = this.#within(start);
  }

  /** @param {number} start */
  #within(start) {
    return Math.max(0, Math.min(start, this.#length - SIZE));
  }
}

/** @param {number} way in rows, up or down */
function partOf(way) {
  const rows = Math.max(FEWEST, Math.min(Math.round(Math.abs(way) * PART), MOST));
  return Math.sign(way) * Math.min(rows, Math.abs(way));
}
