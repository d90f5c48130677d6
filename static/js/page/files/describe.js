/** What a picture shows, in words for people who do not see it: asked for in a dialog. */

import { closesOnBackdrop, showDialog } from '../dom/dialog.js';
import { element } from '../dom/element.js';
import { properDescription } from './file-names.js';

/** In code points, as the server takes it. */
const LONGEST = 500;

/**
 * @param {{name: string, url: string | null, alt: string}} picture
 * @returns {Promise<string | null>} nothing: it stays as it was
 */
export function describe({ name, url, alt }) {
  const words = element('textarea', {
    id: 'describe-words', class: 'input describe-words', rows: 3, maxlength: LONGEST, dir: 'auto', 'data-testid': 'describe-words',
  });
  words.value = alt;
  const dialog = element(
    'dialog', { class: 'dialog describe', 'aria-labelledby': 'describe-title', 'data-testid': 'describe' },
    element(
      'form', { class: 'stack', method: 'dialog' }, element('h2', { id: 'describe-title', class: 'dialog-title' }, 'Describe the picture'),
      ...(url ? [element('img', { class: 'describe-picture', src: url, alt: '' })] : [element('p', { class: 'dialog-lead', dir: 'auto' }, name)]),
      element('label', { class: 'field-label', for: 'describe-words' }, 'What does it show? For people who do not see it.'), words,
      element(
        'div', { class: 'dialog-actions' }, element('button', { class: 'button button-quiet', value: 'leave', type: 'submit' }, 'Cancel'),
        element('button', { class: 'button button-main', value: 'keep', type: 'submit' }, 'Save'),
      ),
    ),
  );
  document.body.append(dialog);
  closesOnBackdrop(dialog);
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(dialog.returnValue === 'keep' ? properDescription(words.value) : null);
    });
    showDialog(dialog);
    words.focus();
  });
}
