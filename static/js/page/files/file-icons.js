/** What a file is, as a drawing within 20 by 20. */

const SHEET = 'M11.5 2.5h-6a1 1 0 0 0-1 1v13a1 1 0 0 0 1 1h9a1 1 0 0 0 1-1v-10zM11.5 2.5v4h4';
const DRAWN = [
  { types: /^image\//, path: 'M3.5 4.5h13v11h-13zM3.5 13l3.5-3.5 3 3 2-2 4.5 4.5M12.5 8v.01' },
  { types: /^video\//, path: 'M3.5 5.5h9v9h-9zM12.5 9l4-2.5v7l-4-2.5' },
  { types: /^audio\//, path: 'M7 14.5V5l8-1.5v9.5M7 14.5a2 2 0 1 1-4 0 2 2 0 0 1 4 0ZM15 13a2 2 0 1 1-4 0 2 2 0 0 1 4 0Z' },
  { types: /zip|tar|compressed|7z|rar/, path: `${SHEET}M8.5 5.5h1M8.5 8h1M8.5 10.5h1M8 13h2v2H8z` },
  { types: /^text\/|pdf|document|msword/, path: `${SHEET}M7.5 10h5M7.5 12.5h5M7.5 15h3` },
];

/** @param {string} type */
export function iconOf(type) {
  return DRAWN.find(({ types }) => types.test(type))?.path ?? SHEET;
}
