/**
 * Where one reads stays where it is.
 *
 * Near the end the list sticks to the end, whatever comes or changes size. Anywhere else the row
 * under the eye does not move by a pixel when rows come, go or change above it.
 */

const NEAR_END_PX = 100;
/** A row one is brought to has what came before it in sight. */
const ABOVE = 0.25;

/**
 * @typedef {{isPersons: boolean, isDown: boolean}} Move  `isPersons`: not one that was made here
 * @typedef {{row: Element, edge: 'top' | 'bottom', at: number}} Place
 */

export class ScrollAnchoring {
  isAtEnd = true;
  /** Where it was put here, or seen last. */
  #top = 0;
  /** What stays where it is when the rows get another width: the first whose beginning one sees. @type {Place | undefined} */
  #anchor;
  #width = 0;

  /**
   * @param {{box: HTMLElement, rows: HTMLElement, onMove: (move: Move) => void, reachesEnd: () => boolean}} parts
   *   `box` scrolls, `rows` is in it; `reachesEnd`: the last of its rows is the last there is
   */
  constructor({ box, rows, onMove, reachesEnd }) {
    this.box = box;
    this.rows = rows;
    this.onMove = onMove;
    this.reachesEnd = reachesEnd;
    box.addEventListener('scroll', () => this.#moved(), { passive: true });
    const sizes = new ResizeObserver(() => this.#resized());
    sizes.observe(box);
    sizes.observe(rows);
  }

  get isFarFromEnd() {
    return this.#fromEnd > this.box.clientHeight;
  }

  get #fromEnd() {
    return this.box.scrollHeight - this.box.clientHeight - this.box.scrollTop;
  }

  /**
   * Does the change and keeps the place: the lower edge of the first row one can see. Its upper edge
   * may change, when older rows of the same author come above it and take its head over.
   *
   * @param {() => void} change
   */
  keep(change) {
    this.#settle();
    const anchors = this.isAtEnd ? [] : this.anchors().map((row) => placeOf(row, 'bottom'));
    change();
    if (this.isAtEnd) return this.toEnd();
    this.#keepTo(anchors.find(({ row }) => row.isConnected));
  }

  toEnd() {
    this.isAtEnd = true;
    this.#put(this.box.scrollHeight);
  }

  /** @param {Element} row */
  toRow(row) {
    const { top, height } = this.box.getBoundingClientRect();
    this.#put(this.box.scrollTop + row.getBoundingClientRect().top - top - height * ABOVE);
    this.#look();
  }

  /** Those whose lower edge is on the screen, top to bottom. @returns {Element[]} */
  visibleRows() {
    this.#settle();
    const { top, bottom } = this.box.getBoundingClientRect();
    return [...this.rows.children].slice(this.#firstBelow(top), this.#firstBelow(bottom + 1));
  }

  /**
   * The rows on the screen by which the place is kept, the best first. A message stays where it is among the
   * others; the row of a day goes to where the day begins. One may be higher than the screen.
   *
   * @returns {Element[]}
   */
  anchors() {
    this.#settle();
    const { top, bottom } = this.box.getBoundingClientRect();
    const rows = [...this.rows.children].slice(this.#firstBelow(top), this.#firstBelow(bottom) + 1);
    const isMessage = (/** @type {Element} */ row) => row.localName === 'article';
    return [...rows.filter(isMessage), ...rows.filter((row) => !isMessage(row))];
  }

  /** The index of the first row whose lower edge is below this line. @param {number} line */
  #firstBelow(line) {
    const rows = this.rows.children;
    let [from, to] = [0, rows.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if (rows[middle].getBoundingClientRect().bottom > line) to = middle;
      else from = middle + 1;
    }
    return from;
  }

  /** @param {number} top */
  #put(top) {
    this.box.scrollTop = top;
    this.#stands();
  }

  /** @param {Place | undefined} place where it was */
  #keepTo(place) {
    if (place) this.#put(this.box.scrollTop + placeOf(place.row, place.edge).at - place.at);
  }

  #stands() {
    [this.#top, this.#width] = [this.box.scrollTop, this.rows.clientWidth];
    const [cut, whole = cut] = this.isAtEnd ? [] : this.anchors();
    this.#anchor = whole && placeOf(whole, 'top');
  }

  /** Before anything is done with the place: a phone is turned, and other events come before the one that says so. */
  #settle() {
    if (this.rows.clientWidth === this.#width) return;
    if (this.isAtEnd) return this.toEnd();
    if (this.#anchor?.row.isConnected) this.#keepTo(this.#anchor);
    else this.#stands();
    this.#look();
  }

  #resized() {
    if (this.isAtEnd) return this.toEnd();
    this.#settle();
    this.#look();
  }

  #look() {
    this.isAtEnd = this.reachesEnd() && this.#fromEnd <= NEAR_END_PX;
  }

  #moved() {
    this.#settle();
    const by = this.box.scrollTop - this.#top;
    if (by !== 0) this.#look();
    this.#stands();
    this.onMove({ isPersons: by !== 0, isDown: by > 0 });
  }
}

/**
 * @param {Element} row
 * @param {'top' | 'bottom'} edge
 * @returns {Place}
 */
function placeOf(row, edge) {
  return { row, edge, at: row.getBoundingClientRect()[edge] };
}
