/**
 * Which of a list's rows are in the document: a stretch of them, which follows the eye. Others call it a virtual list.
 *
 * A long list costs what its elements cost. So there is a fixed number of them around what is on the screen, and
 * when the screen comes near an end of the stretch, the stretch is laid around it anew: by few rows at a time, which
 * is seen less than many at once.
 */

const SIZE = 200;
const MARGIN = 66;
/** So many come at a time at most, when older ones have been loaded: all of them are laid out before the next frame. */
const STEP = 30;

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
   * Rows came or went: what is shown stays in its place.
   *
   * @param {number} by how much further down a row of the screen is now
   * @param {number} length
   */
  shift(by, length) {
    this.#move(this.start + by, length);
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
    const wanted = Math.round((first + last - SIZE) / 2);
    const near = Math.max(this.start - STEP, Math.min(wanted, this.start + STEP));
    const isAround = near + STEP / 2 <= first && last <= near + SIZE - STEP / 2;
    this.#move(isAround ? near : wanted, this.#length);
  }

  /**
   * @param {number} start
   * @param {number} length
   */
  #move(start, length) {
    this.#length = length;
    this.start = Math.max(0, Math.min(start, length - SIZE));
  }
}
