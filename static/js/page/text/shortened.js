/** A text cut to what there is room for: never within what a reader takes for one character, and it says so. */

const SEGMENTER = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
/** What a reader takes for one character may have any number of marks. */
const MOST_UNITS_EACH = 8;

/**
 * @param {string} text
 * @param {number} most characters, as a reader counts
 */
export function shortened(text, most) {
  if (text.length <= most) return text;
  let [count, end] = [0, 0];
  for (const { index, segment } of SEGMENTER.segment(text)) {
    if (count === most || index + segment.length > most * MOST_UNITS_EACH) return `${text.slice(0, end).trimEnd()}…`;
    [count, end] = [count + 1, index + segment.length];
  }
  return text;
}
