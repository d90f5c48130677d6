/** As much of a document as tiles of files are drawn on: elements with children and attributes, of which nothing is seen. */

class SmallElement extends EventTarget {
  /** @type {SmallElement[]} */
  children = [];
  /** @type {SmallElement | null} */
  parent = null;
  /** @type {Record<string, string>} */
  dataset = {};
  classList = new Set();
  style = { setProperty: () => {} };
  src = '';

  /** @param {string} tag */
  constructor(tag) {
    super();
    this.tag = tag;
    /** @type {Map<string, string>} */
    this.attributes = new Map();
  }

  get firstElementChild() {
    return this.children[0] ?? null;
  }

  get nextElementSibling() {
    const all = this.parent?.children ?? [];
    return all[all.indexOf(this) + 1] ?? null;
  }

  /** @param {string} name @param {string} value */
  setAttribute(name, value) {
    this.attributes.set(name, value);
  }

  /** @param {string} name */
  removeAttribute(name) {
    this.attributes.delete(name);
  }

  /** @param {string} name @param {boolean} on */
  toggleAttribute(name, on) {
    if (on) this.attributes.set(name, '');
    else this.attributes.delete(name);
  }

  /** @param {...(SmallElement | string)} children */
  append(...children) {
    for (const child of children) if (child instanceof SmallElement) this.insertBefore(child, null);
  }

  /** @param {SmallElement} child @param {SmallElement | null} next */
  insertBefore(child, next) {
    child.remove();
    child.parent = this;
    this.children.splice(next ? this.children.indexOf(next) : this.children.length, 0, child);
  }

  remove() {
    if (this.parent) this.parent.children = this.parent.children.filter((child) => child !== this);
    this.parent = null;
  }

  canPlayType() {
    return 'maybe';
  }

  getContext() {
    return null;
  }

  /** All below with this class. @param {string} name @returns {SmallElement[]} */
  all(name) {
    const own = this.attributes.get('class')?.split(' ').includes(name) || this.classList.has(name) ? [this] : [];
    return [...own, ...this.children.flatMap((child) => child.all(name))];
  }
}

/** Before what draws is imported: it asks for them at once. */
export function haveSmallDom() {
  const browser = /** @type {any} */ (globalThis);
  const make = (/** @type {string} */ tag) => new SmallElement(tag);
  browser.document = { createElement: make, createElementNS: (/** @type {string} */ _, /** @type {string} */ tag) => make(tag) };
  browser.matchMedia = () => ({ matches: false });
}
