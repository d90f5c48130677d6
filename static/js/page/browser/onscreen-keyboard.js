/**
 * On some phones the keyboard covers the page instead of making it smaller. The room is then made
 * as high as what can be seen, so that the composer is never under it.
 */
export function keepAboveKeyboard() {
  const { visualViewport } = window;
  visualViewport?.addEventListener('resize', () => {
    const isCovered = window.innerHeight - visualViewport.height > 80 && visualViewport.scale === 1;
    if (isCovered) document.body.style.setProperty('--seen-height', `${visualViewport.height}px`);
    else document.body.style.removeProperty('--seen-height');
    if (isCovered) window.scrollTo(0, 0);
  });
}
