/** Who is writing, in words. Many are not named. */

const NAMED = 3;

/**
 * @param {{name: string}[]} users
 * @param {string} [locale]
 */
export function typingWords(users, locale) {
  if (users.length === 0) return '';
  if (users.length > NAMED) return 'Several people are typing…';
  const names = new Intl.ListFormat(locale, { type: 'conjunction' }).format(users.map((user) => user.name));
  return `${names} ${users.length === 1 ? 'is' : 'are'} typing…`;
}
