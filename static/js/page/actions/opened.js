/** What opens when one does something with a message: one file, which comes when it is wanted. */

export { compare } from './compare.js';
export { openMenu } from './menu.js';
export { deleteWithUndo } from './undo.js';
