/**
 * Making and finding elements. Text goes in as text, never as markup.
 */

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, string | number | boolean | null>} [attributes] `false` and `null` leave one out
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  setAttributes(made, attributes);
  made.append(...children);
  return made;
}

/**
 * @param {Element} target
 * @param {Record<string, string | number | boolean | null>} attributes
 */
export function setAttributes(target, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === false) target.removeAttribute(name);
    else target.setAttribute(name, value === true ? '' : String(value));
  }
}

/**
 * The element of the page with this id.
 *
 * @template {HTMLElement} Kind
 * @param {string} id
 * @param {new () => Kind} kind
 * @returns {Kind}
 */
export function part(id, kind) {
  const found = document.getElementById(id);
  if (found instanceof kind) return found;
  throw new Error(`The page has no ${kind.name} #${id}.`);
}

/**
 * @param {string} label
 * @param {string} className
 * @param {() => void} onClick
 */
export function button(label, className, onClick) {
  const made = element('button', { type: 'button', class: className }, label);
  made.addEventListener('click', onClick);
  return made;
}

/**
 * The name of a person or a room: read in its own direction, and the same in every language.
 *
 * @param {string} name
 * @param {Record<string, string | boolean | null>} [attributes]
 */
export function properName(name, attributes = {}) {
  return element('bdi', { translate: 'no', ...attributes }, name);
}

/** Writes only what has changed, so that a screen reader hears no echo. @param {Element} target @param {string} text */
export function setText(target, text) {
  if (target.textContent !== text) target.textContent = text;
}

/**
 * Says in an alert what is wrong, and leads to where it can be mended.
 *
 * @param {HTMLElement} problem
 * @param {string} words
 * @param {HTMLElement} [field]
 */
export function complain(problem, words, field) {
  setText(problem, words);
  problem.hidden = false;
  field?.focus();
}
