/**
 * Asks for a name and keeps asking until the server takes it.
 *
 * @typedef {import('../../chat/types.js').User} User
 * @typedef {{title: string | (string | Node)[], people?: import('../browser/opening.js').PeopleHere | null, lead?: string, submit: string, cancel: string, value?: string}} Question
 */

import { element, part, setText } from '../dom/element.js';
import { namesOf, nodesOf } from '../text/language.js';
import { nameProblem } from './name-problem.js';
import { wordsOf } from './session.js';

const NAMED_BESIDE_OTHERS = 2;
const MOST_COUNTED = 99;

export class NameDialog {
  #dialog = part('name-dialog', HTMLDialogElement);
  #form = part('name-form', HTMLFormElement);
  #title = part('name-title', HTMLElement);
  #people = part('name-people', HTMLElement);
  #lead = part('name-lead', HTMLElement);
  #input = part('name-input', HTMLInputElement);
  #problem = part('name-problem', HTMLElement);
  #submit = part('name-submit', HTMLButtonElement);
  #cancel = part('name-cancel', HTMLButtonElement);
  /** @type {(user: User | null) => void} */
  #answer = () => {};

  /** @param {(name: string) => Promise<User>} take what the name is given to */
  constructor(take) {
    this.take = take;
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#try();
    });
    this.#cancel.addEventListener('click', () => this.#close(null));
    this.#dialog.addEventListener('cancel', (event) => {
      event.preventDefault();
      this.#close(null);
    });
  }

  /** @param {Question} question @returns {Promise<User | null>} nothing: the person would rather not */
  ask({ title, people = null, lead = '', submit, cancel, value = '' }) {
    this.#title.replaceChildren(...[title].flat());
    this.#people.replaceChildren(...(people ? hereNodes(people) : []));
    this.#people.hidden = people === null;
    setText(this.#lead, lead);
    this.#lead.hidden = lead === '';
    setText(this.#submit, submit);
    setText(this.#cancel, cancel);
    this.#input.value = value;
    this.#complain('');
    if (!this.#dialog.open) this.#dialog.showModal();
    this.#input.focus();
    this.#input.select();
    return new Promise((resolve) => (this.#answer = resolve));
  }

  async #try() {
    const name = this.#input.value.trim();
    const problem = nameProblem(name);
    if (problem !== '') return this.#complain(problem);
    this.#submit.disabled = true;
    try {
      this.#close(await this.take(name));
    } catch (error) {
      this.#complain(wordsOf(error));
    } finally {
      this.#submit.disabled = false;
    }
  }

  /** @param {string} problem */
  #complain(problem) {
    setText(this.#problem, problem);
    this.#problem.hidden = problem === '';
    this.#input.toggleAttribute('aria-invalid', problem !== '');
  }

  /** @param {User | null} user */
  #close(user) {
    this.#dialog.close();
    this.#answer(user);
  }
}

/** With the dot of those who are online, if there are any. @param {import('../browser/opening.js').PeopleHere} people */
function hereNodes(people) {
  const dot = people.count === 0 ? [] : [element('span', { class: 'dialog-people-dot', 'aria-hidden': 'true' })];
  return [...dot, ...nodesOf(herePieces(people))];
}

/**
 * Who is in the room: “Ana, Ben and 5 others are here.” Of a hundred the server has counted no further.
 *
 * @param {import('../browser/opening.js').PeopleHere} people
 * @param {string} [reader]
 * @returns {import('../text/language.js').Piece[]}
 */
export function herePieces({ names, count }, reader) {
  if (count === 0) return [{ text: 'Nobody is here right now.', isName: false }];
  const ending = { text: ` ${count === 1 ? 'is' : 'are'} here.`, isName: false };
  const users = names.map((name) => ({ name }));
  if (count === names.length) return [...namesOf(users, reader), ending];
  const named = users.slice(0, NAMED_BESIDE_OTHERS);
  const others = count > MOST_COUNTED ? 'many others' : `${count - named.length} others`;
  const pieces = namesOf([...named, { name: others }], reader);
  return [...pieces.slice(0, -1), { ...pieces[pieces.length - 1], isName: false }, ending];
}
