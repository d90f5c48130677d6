/**
 * Those whom a message calls, as parts of its text: by the names that stand there. Not in code, nor in links.
 *
 * @typedef {import('./link-parts.js').Part} Part
 * @typedef {import('../../chat/types.js').Mention} Mention
 */

import { callsIn, EVERYBODY } from '../../chat/messages/mentions.js';

const LEFT_AS_IT_IS = new Set(['code', 'block', 'link', 'mark']);

/**
 * @param {Part[]} parts
 * @param {Mention[]} mentions
 * @param {string} me
 * @returns {Part[]}
 */
export function withMentions(parts, mentions, me) {
  if (mentions.length === 0) return parts;
  return parts.flatMap((part) => {
    if (typeof part === 'string') return inText(part, mentions, me);
    return LEFT_AS_IT_IS.has(part.kind) ? [part] : [{ ...part, parts: withMentions(part.parts, mentions, me) }];
  });
}

/**
 * @param {string} text
 * @param {Mention[]} mentions
 * @param {string} me
 * @returns {Part[]}
 */
function inText(text, mentions, me) {
  const parts = /** @type {Part[]} */ ([]);
  let done = 0;
  for (const { person, start, end } of callsIn(text, mentions)) {
    if (start > done) parts.push(text.slice(done, start));
    parts.push({ kind: person.id === me || person.id === EVERYBODY.id ? 'ownMention' : 'mention', parts: [text.slice(start, end)] });
    done = end;
  }
  if (done < text.length || text === '') parts.push(text.slice(done));
  return parts;
}
