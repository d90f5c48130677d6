/**
 * Where one reads stays where it is.
 *
 * Near the end the list sticks to the end, whatever comes or changes size. Anywhere else the row
 * under the eye does not move by a pixel when rows come, go or change above it.
 */

const NEAR_END_PX = 100;

export class ScrollKeeper {
  isAtEnd = true;

  /**
   * @param {{box: HTMLElement, rows: HTMLElement, onMove: () => void}} parts `box` scrolls, `rows` is in it
   */
  constructor({ box, rows, onMove }) {
    this.box = box;
    this.rows = rows;
    this.onMove = onMove;
    box.addEventListener('scroll', () => this.#moved(), { passive: true });
    const sizes = new ResizeObserver(() => this.isAtEnd && this.toEnd());
    sizes.observe(box);
    sizes.observe(rows);
  }

  get fromTop() {
    return this.box.scrollTop;
  }

  /**
   * Does the change and keeps the place: the lower edge of the first row one can see. Its upper edge
   * may change, when older rows of the same author come above it and take its head over.
   *
   * @param {() => void} change
   */
  keep(change) {
    const anchors = this.isAtEnd ? [] : this.#visibleRows();
    change();
    if (this.isAtEnd) return this.toEnd();
    const anchor = anchors.find(({ row }) => row.isConnected);
    if (anchor) this.box.scrollTop += anchor.row.getBoundingClientRect().bottom - anchor.bottom;
  }

  toEnd() {
    this.isAtEnd = true;
    this.box.scrollTop = this.box.scrollHeight;
  }

  /** @returns {{row: Element, bottom: number}[]} */
  #visibleRows() {
    const { top, bottom } = this.box.getBoundingClientRect();
    const rows = [...this.rows.children].map((row) => ({ row, bottom: row.getBoundingClientRect().bottom }));
    return rows.filter((row) => row.bottom > top && row.bottom < bottom);
  }

  #moved() {
    const left = this.box.scrollHeight - this.box.clientHeight - this.box.scrollTop;
    this.isAtEnd = left <= NEAR_END_PX;
    this.onMove();
  }
}
