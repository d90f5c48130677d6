/** Another name for who is known here, on the landing page: folded until one wants it. */

import { complain, part, setText } from '../dom/element.js';
import { nameProblem } from '../identity/name-problem.js';
import { signIn, wordsOf } from '../identity/session.js';

const form = part('rename', HTMLFormElement);
const name = part('new-name', HTMLInputElement);
const problem = part('rename-problem', HTMLElement);
const shown = part('signed-in-name', HTMLElement);
const opener = part('change-name', HTMLButtonElement);

export function offerToRename() {
  opener.addEventListener('click', () => unfold(Boolean(form.hidden)));
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    rename().catch((error) => complain(problem, wordsOf(error), name));
  });
}

/** @param {boolean} isOpen */
function unfold(isOpen) {
  form.hidden = !isOpen;
  problem.hidden = true;
  opener.setAttribute('aria-expanded', String(isOpen));
  if (!isOpen) return opener.focus();
  name.value = shown.textContent ?? '';
  name.focus();
  name.select();
}

async function rename() {
  const wanted = name.value.trim();
  if (nameProblem(wanted) !== '') return complain(problem, nameProblem(wanted), name);
  setText(shown, (await signIn(wanted)).name);
  unfold(false);
}
