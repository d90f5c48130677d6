/**
 * What a change makes of a message: another text, none, or other reactions.
 *
 * A message knows the seq of the last change it has seen, its `rev`; only a later one counts. So it does not matter
 * how often a change comes, nor whether a message was read before or after it. An edit that was read later tells the
 * newest text; those up to the edit that this is of do not take it back.
 *
 * @typedef {import('../types.js').LogEvent} LogEvent
 * @typedef {import('../types.js').Body} Body
 * @typedef {import('../types.js').Target} Target
 * @typedef {import('../types.js').ReactionChange} ReactionChange
 * @typedef {{event: LogEvent, mine: string[]}} Held  a message as one has it; `mine`: the emoji with which one reacted
 */

const TYPES = new Set(['edit', 'delete', 'react']);

/** @param {LogEvent} event */
export function isChange({ type }) {
  return TYPES.has(type);
}

/** @param {LogEvent} event */
export function revOf({ seq, rev }) {
  return rev ?? seq;
}

/** An edit without its text, as a node of an older version repairs a gap: what it says is read from its target. @param {LogEvent} change */
export function isBare({ type, body }) {
  return type === 'edit' && body.content === undefined && !body.gone;
}

/** Which edit the text is of that an edit tells: itself, or if it was read later a later one. @param {LogEvent} change */
export function textRevOf({ seq, body }) {
  return body.edited_seq ?? seq;
}

/** @param {LogEvent} change @returns {Target[]} */
export function targetsOf({ body }) {
  if (body.target) return [body.target];
  return [...new Map((body.changes ?? []).map(({ target }) => [target.seq, target])).values()];
}

/**
 * @param {Held} held a message that the change is of
 * @param {LogEvent} change
 * @param {string} me who one is
 * @returns {Held | null} nothing: it has seen the change, or is deleted
 */
export function changedBy(held, change, me) {
  const { event } = held;
  if (change.seq <= revOf(event) || event.body.deleted || isBare(change) || change.body.gone) return null;
  const reactions = (change.body.changes ?? []).filter(({ target }) => target.seq === event.seq);
  const mine = change.type === 'delete' ? [] : mineAfter(held.mine, reactions, me);
  return { event: { ...event, rev: change.seq, body: bodyAfter(event.body, change, reactions) }, mine };
}

/**
 * @param {Body} body
 * @param {LogEvent} change
 * @param {ReactionChange[]} reactions
 * @returns {Body}
 */
function bodyAfter(body, change, reactions) {
  const { type, ts, body: said } = change;
  if (type === 'delete') return { content: '', deleted: { at: ts, by: said.by ?? 'author' } };
  if (type === 'react') return withReactions(body, reactions.reduce(countsAfter, body.reactions ?? []));
  return textRevOf(change) < (body.edited_seq ?? 0) ? body : edited(body, said);
}

/**
 * @param {Body} body
 * @param {Body} edit
 * @returns {Body}
 */
function edited(body, { content, mentions, edited_at, edited_seq, uploads }) {
  return { ...withMentions(withUploads(body, []), mentions), ...(uploads ? { uploads } : {}), content, edited_at, edited_seq };
}

/**
 * @param {Body} body
 * @param {import('../types.js').Mention[]} [mentions]
 * @returns {Body}
 */
export function withMentions({ mentions: _, ...body }, mentions = []) {
  return mentions.length > 0 ? { ...body, mentions } : body;
}

/**
 * @param {Body} body
 * @param {import('../types.js').ReactionCount[]} counts
 * @returns {Body}
 */
export function withReactions({ reactions: _, ...body }, counts) {
  return counts.length > 0 ? { ...body, reactions: counts } : body;
}

/**
 * @param {Body} body
 * @param {string[] | undefined} ids of the files that stay; nothing: all
 * @returns {Body}
 */
export function withUploads({ uploads = [], ...body }, ids) {
  const left = ids === undefined ? uploads : uploads.filter(({ id }) => ids.includes(id));
  return left.length > 0 ? { ...body, uploads: left } : body;
}

/**
 * In the order in which they first came.
 *
 * @param {import('../types.js').ReactionCount[]} counts
 * @param {{emoji: string, count: number}} change
 */
export function countsAfter(counts, { emoji, count }) {
  const isThere = counts.some((one) => one.emoji === emoji);
  if (count === 0) return counts.filter((one) => one.emoji !== emoji);
  return isThere ? counts.map((one) => (one.emoji === emoji ? { emoji, count } : one)) : [...counts, { emoji, count }];
}

/**
 * @param {string[]} mine
 * @param {ReactionChange[]} changes
 * @param {string} me
 */
function mineAfter(mine, changes, me) {
  return changes.filter(({ user }) => user.id === me).reduce((emojis, { emoji, on }) => mineWith(emojis, emoji, on), mine);
}

/**
 * @param {string[]} mine
 * @param {string} emoji
 * @param {boolean} on
 */
export function mineWith(mine, emoji, on) {
  const others = mine.filter((one) => one !== emoji);
  return on ? [...others, emoji] : others;
}
