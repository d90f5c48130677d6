/**
 * What stands in for `@lezer/common` below `@lezer/markdown` (bundle.js): a tree over a text that is read once, from its beginning
 * to its end. The library's own is made for editors, packed into numbers, balanced, walked by cursors, and kept in part when the
 * text changes: a third of the two, and never used here.
 *
 * @typedef {{id: number, name: string}} Type
 * @typedef {{buffer: number[], nodeSet: NodeSet, reused: Tree[], topID: number, length: number}} Written  `buffer`: four numbers an
 *   element, behind those within it: its type, from where and to where it goes, and how many numbers that is, or -1: one of `reused`
 */

export class NodeType {
  static none = { id: 0, name: '' };

  /** @param {Type} type @returns {Type} */
  static define({ id, name }) {
    return { id, name };
  }
}

export class NodeSet {
  /** @param {Type[]} types */
  constructor(types) {
    this.types = types;
  }

  /** By what nobody asks for: groups, colours. */
  extend() {
    return this;
  }
}

/** Only named, or for languages within each other and texts that are read in parts. */
export const [NodeProp, IterMode, parseMixed] = [{}, {}, null];

export class Tree {
  /**
   * @param {Type} type
   * @param {Tree[]} children
   * @param {number[]} positions of each, from where this one begins
   * @param {number} length
   */
  constructor(type, children, positions, length) {
    this.type = type;
    this.children = children;
    this.positions = positions;
    this.length = length;
  }

  /** @param {Written} written */
  static build({ buffer, nodeSet, reused, topID, length }) {
    /** @param {number} id @param {number} from @param {number} to @param {number[]} within the numbers of its elements @returns {Tree} */
    const built = (id, from, to, within) => {
      const [children, positions] = [/** @type {Tree[]} */ ([]), /** @type {number[]} */ ([])];
      for (let end = within.length; end > 0; ) {
        const [type, childFrom, childTo, size] = within.slice(end - 4, end);
        const start = end - Math.max(size, 4);
        children.unshift(size < 0 ? reused[type] : built(type, childFrom, childTo, within.slice(start, end - 4)));
        positions.unshift(childFrom - from);
        end = start;
      }
      return new Tree(nodeSet.types[id], children, positions, to - from);
    };
    return built(topID, 0, length, buffer);
  }

  get topNode() {
    return new Node(this, 0, null, 0);
  }

  balance() {
    return this;
  }

  prop() {}
}

class Node {
  #tree;
  #parent;
  #index;

  /**
   * @param {Tree} tree
   * @param {number} from
   * @param {Node | null} parent
   * @param {number} index among the children of that
   */
  constructor(tree, from, parent, index) {
    this.#tree = tree;
    this.#parent = parent;
    this.#index = index;
    this.name = tree.type.name;
    this.from = from;
    this.to = from + tree.length;
  }

  get firstChild() {
    return this.#child(0);
  }

  get nextSibling() {
    return this.#parent && this.#parent.#child(this.#index + 1);
  }

  /** @param {number} index @returns {Node | null} */
  #child(index) {
    const { children, positions } = this.#tree;
    return index < children.length ? new Node(children[index], this.from + positions[index], this, index) : null;
  }
}

export class Parser {
  /** @param {string} text @returns {Tree} */
  parse(text) {
    const input = { chunk: (/** @type {number} */ from) => text.slice(from), lineChunks: false };
    const parse = this.createParse(input, [], [{ from: 0, to: text.length }]);
    let tree = null;
    while (!tree) tree = parse.advance();
    return tree;
  }

  /** @param {object} _input @param {[]} _fragments @param {object[]} _ranges @returns {{advance: () => Tree | null}} */
  createParse(_input, _fragments, _ranges) {
    throw new TypeError('made by what reads a language');
  }
}
