/** Opens a picture large; what shows it is loaded when it is wanted. */

/**
 * @param {import('./lightbox.js').Shown & {onProblem: (words: string) => unknown}} what
 */
export async function openLightbox({ onProblem, ...what }) {
  try {
    const { showLightbox } = await import('./lightbox.js');
    showLightbox(what);
  } catch {
    onProblem('The picture cannot be opened. Please try again.');
  }
}
