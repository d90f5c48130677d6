/**
 * Whom a text calls: `@` and a name in it, and what that is to the one who is called.
 *
 * @typedef {import('../types.js').LogEvent} LogEvent
 * @typedef {import('../types.js').Mention} Mention
 * @typedef {{seq: number, at: number, author: import('../types.js').User, content: string}} Call  `seq` of the message; `at`: of the
 *   event that calls one
 */

/** All who are in the room. @type {Mention} */
export const EVERYBODY = { id: '', name: 'here' };
const MOST = 20;

/** An address of mail calls nobody. */
const NO_CALL_AFTER = /[A-Za-z0-9._%+-]$/;
const WORD = /[\p{L}\p{M}\p{N}_]/u;
/** Words of these are written without spaces: a name may go on as a sentence. */
const UNSPACED = /[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Hang}\p{sc=Thai}\p{sc=Laoo}\p{sc=Khmr}\p{sc=Mymr}]/u;

/**
 * Those of these people whom a text calls, by the names that stand there; of two of one name the first.
 *
 * @param {string} text
 * @param {{id: string, name: string}[]} people
 * @returns {Mention[]}
 */
export function mentionsIn(text, people) {
  const found = /** @type {Map<string, Mention>} */ (new Map());
  for (const { person, start, end } of callsIn(text, people)) {
    const name = text.slice(start + 1, end);
    const isKnown = [...found.values()].some((one) => one.name === name);
    if (!found.has(person.id) && !isKnown) found.set(person.id, { id: person.id, name });
  }
  return [...found.values()].slice(0, MOST);
}

/**
 * Where a text calls one of these, in their order in it. Of two names the longer one.
 *
 * @template {{name: string}} Person
 * @param {string} text
 * @param {Person[]} people
 * @returns {{person: Person, start: number, end: number}[]}
 */
export function callsIn(text, people) {
  const byLength = [...people].sort((a, b) => b.name.length - a.name.length);
  const calls = /** @type {{person: Person, start: number, end: number}[]} */ ([]);
  for (let start = text.indexOf('@'); start >= 0; start = text.indexOf('@', start + 1)) {
    if (start < (calls.at(-1)?.end ?? 0) || NO_CALL_AFTER.test(text.slice(Math.max(0, start - 1), start))) continue;
    const person = byLength.find(({ name }) => stands(name, text, start + 1));
    if (person) calls.push({ person, start, end: start + 1 + person.name.length });
  }
  return calls;
}

/** @param {string} name @param {string} text @param {number} at */
function stands(name, text, at) {
  const end = at + name.length;
  const written = text.slice(at, end);
  if (name === '' || (written !== name && written.toLowerCase() !== name.toLowerCase())) return false;
  const next = String.fromCodePoint(text.codePointAt(end) ?? 32);
  return !WORD.test(next) || UNSPACED.test(next);
}

/**
 * Where in the log a message calls one: its own place, or that of the edit that did.
 *
 * @param {{seq: number | null, author: {id: string}, body: import('../types.js').Body}} message
 * @param {string} me
 * @returns {number | null} nothing: it does not
 */
export function calledAt({ seq, author, body }, me) {
  if (seq === null || author.id === me || body.deleted || !body.mentions) return null;
  const places = body.mentions.filter(({ id }) => id === me || id === EVERYBODY.id).map(({ since }) => since ?? seq);
  return places.length > 0 ? Math.max(...places) : null;
}

/** @param {LogEvent} event @param {string} me @returns {Call | null} what an edit calls one to, now and not before */
export function calledBy({ type, seq, user, body }, me) {
  const { target, content, mentions = [] } = body;
  if (type !== 'edit' || !target || content === undefined || user.id === me) return null;
  const isNew = mentions.some(({ id, since }) => since === seq && (id === me || id === EVERYBODY.id));
  return isNew ? { seq: target.seq, at: seq, author: user, content } : null;
}
