/**
 * The colour scheme a person has chosen, before the first paint. A module would come after it, so this is a script.
 *
 * The style sheets follow the root; the browser's own bars have a colour for each scheme, told by `data-scheme`.
 */
{
  const show = (/** @type {string} */ theme) => {
    if (theme === 'system') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    for (const bar of document.querySelectorAll('meta[data-scheme]')) {
      const scheme = bar.getAttribute('data-scheme');
      const media = theme === scheme ? 'all' : 'not all';
      bar.setAttribute('media', theme === 'system' ? `(prefers-color-scheme: ${scheme})` : media);
    }
  };

  const kept = () => {
    try {
      const theme = localStorage.getItem('setting:theme');
      return theme === 'light' || theme === 'dark' ? theme : 'system';
    } catch {
      return 'system';
    }
  };

  show(kept());
  addEventListener('settingchange', (event) => {
    const { name, value } = /** @type {CustomEvent} */ (event).detail;
    if (name === 'theme') show(value);
  });
  addEventListener('storage', () => show(kept()));
}
