/**
 * Nearer and farther, by the wheel, two fingers, a double click, a button or keys; and along, where there is more than one sees. A finger that moves
 * sideways where there is not goes to the next picture.
 *
 * @typedef {{x: number, y: number}} Point
 */

const NEAREST = 8;
const DOUBLE = 2.5;
const SWIPE_PX = 60;
/** A click is one that does not move. */
const STILL_PX = 6;
const WHEEL = 0.0022;

export class Zoom {
  #scale = 1;
  /** How far it was moved. @type {Point} */
  #by = { x: 0, y: 0 };
  /** Those that are down, where they are and where they began. @type {Map<number, {at: Point, began: Point}>} */
  #pointers = new Map();
  /** Whether there were two since the first came down: a finger that is lifted last has not swiped. */
  #wereTwo = false;

  /**
   * @param {HTMLElement} stage
   * @param {HTMLImageElement} image
   * @param {{onSwipe: (by: -1 | 1) => void, onBeside: () => void, onScale: () => void}} ports `onBeside`: a click that is not on the
   *   picture; `onScale`: it is nearer or farther than before
   */
  constructor(stage, image, ports) {
    this.stage = stage;
    this.image = image;
    this.ports = ports;
    stage.addEventListener('wheel', (event) => this.#wheeled(event), { passive: false });
    stage.addEventListener('pointerdown', (event) => this.#down(event));
    stage.addEventListener('pointermove', (event) => this.#moved(event));
    for (const end of ['pointerup', 'pointercancel']) stage.addEventListener(end, (event) => this.#up(/** @type {PointerEvent} */ (event)));
    stage.addEventListener('dblclick', (event) => this.toggle(pointOf(event)));
  }

  get isNear() {
    return this.#scale > 1;
  }

  /** Near, or whole. @param {Point} [at] what stays where it is; the middle */
  toggle(at) {
    if (this.isNear) this.reset();
    else this.by(DOUBLE, at);
  }

  reset() {
    this.#scale = 1;
    this.#by = { x: 0, y: 0 };
    this.#draw();
  }

  /** @param {number} factor @param {Point} [at] what stays where it is; the middle */
  by(factor, at = this.#middle) {
    const scale = Math.min(NEAREST, Math.max(1, this.#scale * factor));
    const middle = this.#middle;
    const along = (/** @type {'x' | 'y'} */ axis) => (at[axis] - middle[axis] - this.#by[axis]) * (1 - scale / this.#scale);
    this.#by = { x: this.#by.x + along('x'), y: this.#by.y + along('y') };
    this.#scale = scale;
    this.#draw();
  }

  /** @returns {Point} */
  get #middle() {
    const { left, top, width, height } = this.stage.getBoundingClientRect();
    return { x: left + width / 2, y: top + height / 2 };
  }

  /** Never farther than to its edge. */
  #draw() {
    const most = (/** @type {number} */ picture, /** @type {number} */ stage) => Math.max(0, (picture * this.#scale - stage) / 2);
    const within = (/** @type {number} */ by, /** @type {number} */ limit) => Math.min(limit, Math.max(-limit, by));
    this.#by = {
      x: within(this.#by.x, most(this.image.offsetWidth, this.stage.clientWidth)),
      y: within(this.#by.y, most(this.image.offsetHeight, this.stage.clientHeight)),
    };
    this.image.style.transform = this.#scale === 1 ? '' : `translate(${this.#by.x}px, ${this.#by.y}px) scale(${this.#scale})`;
    this.stage.toggleAttribute('data-near', this.isNear);
    this.ports.onScale();
  }

  /** @param {WheelEvent} event */
  #wheeled(event) {
    event.preventDefault();
    this.by(Math.exp(-event.deltaY * WHEEL * (event.ctrlKey ? 5 : 1)), pointOf(event));
  }

  /** @param {PointerEvent} event */
  #down(event) {
    if (event.button !== 0) return; // a menu is opened with the others
    this.stage.setPointerCapture(event.pointerId);
    this.#wereTwo = this.#pointers.size > 0;
    this.#pointers.set(event.pointerId, { at: pointOf(event), began: pointOf(event) });
  }

  /** @param {PointerEvent} event */
  #moved(event) {
    const pointer = this.#pointers.get(event.pointerId);
    if (!pointer) return;
    const [before, now] = [pointer.at, pointOf(event)];
    const other = [...this.#pointers.values()].find((one) => one !== pointer);
    pointer.at = now;
    if (other) return this.by(distance(now, other.at) / Math.max(1, distance(before, other.at)), between(now, other.at));
    if (this.#scale === 1) return;
    this.#by = { x: this.#by.x + now.x - before.x, y: this.#by.y + now.y - before.y };
    this.#draw();
  }

  /** @param {PointerEvent} event */
  #up(event) {
    const pointer = this.#pointers.get(event.pointerId);
    const isOnly = this.#pointers.size === 1;
    this.#pointers.delete(event.pointerId);
    if (!pointer || !isOnly || this.#wereTwo || this.isNear || event.type !== 'pointerup') return;
    const { x, y } = { x: pointer.at.x - pointer.began.x, y: pointer.at.y - pointer.began.y };
    if (event.pointerType === 'touch' && Math.abs(x) > SWIPE_PX && Math.abs(x) > 2 * Math.abs(y)) this.ports.onSwipe(x < 0 ? 1 : -1);
    else if (Math.hypot(x, y) < STILL_PX && !isWithin(pointer.at, this.image)) this.ports.onBeside();
  }
}

/** @param {MouseEvent} event @returns {Point} */
function pointOf({ clientX, clientY }) {
  return { x: clientX, y: clientY };
}

/** @param {Point} one @param {Point} other */
function distance(one, other) {
  return Math.hypot(one.x - other.x, one.y - other.y);
}

/** @param {Point} one @param {Point} other */
function between(one, other) {
  return { x: (one.x + other.x) / 2, y: (one.y + other.y) / 2 };
}

/** @param {Point} point @param {Element} shown */
function isWithin({ x, y }, shown) {
  const { left, right, top, bottom } = shown.getBoundingClientRect();
  return x >= left && x <= right && y >= top && y <= bottom;
}
