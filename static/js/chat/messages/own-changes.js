/**
 * One's own changes that are not in the log yet, laid over the lines that they are of.
 *
 * An edit that the server has refused is not: then one sees what the others see, and beside it what was written.
 *
 * @typedef {import('./entries.js').Entry} Entry
 * @typedef {import('./lines.js').MessageLine} MessageLine
 * @typedef {import('./lines.js').OwnChange} OwnChange
 * @typedef {import('./lines.js').Sent} Sent
 */

import { countsAfter, mineWith, withMentions, withReactions, withUploads } from './changes.js';

const ON_THEIR_WAY = new Set(['waiting', 'sending', 'sent']);

export class OwnChanges {
  /** By the id of the message, or by its client id as long as it waits itself. @type {Map<string, (Entry | Sent)[]>} */
  #byMessage = new Map();

  /**
   * @param {(Entry | Sent)[]} entries
   * @param {import('../types.js').User} me
   * @param {(own: number) => number} toServerTime
   */
  constructor(entries, me, toServerTime) {
    this.toServerTime = toServerTime;
    for (const entry of entries) if (entry.author === undefined || entry.author.id === me.id) this.#add(entry);
  }

  get isEmpty() {
    return this.#byMessage.size === 0;
  }

  /** @param {MessageLine} line @returns {MessageLine} the same, if nothing changes it */
  laidOver(line) {
    const entries = this.#byMessage.get(keyOf(line.id, line.id === null ? line.clientId : null));
    if (!entries || line.isDeleted) return line;
    const texts = entries.filter(({ kind }) => kind !== 'react');
    const newest = texts.findLast(({ kind }) => kind === 'delete') ?? texts.at(-1);
    const changed = { ...line, change: newest ? this.#changeOf(newest) : null };
    return entries.filter(({ state }) => ON_THEIR_WAY.has(state)).reduce((now, entry) => this.#over(now, entry), changed);
  }

  /** @param {Entry | Sent} entry */
  #add(entry) {
    if (entry.kind === 'message') return;
    const key = keyOf(entry.target?.id ?? null, entry.of ?? null);
    this.#byMessage.set(key, [...(this.#byMessage.get(key) ?? []), entry]);
  }

  /** @param {Entry | Sent} entry @returns {OwnChange} */
  #changeOf({ kind, client_id, state, refusal, retryAt, content, not_before }) {
    return {
      kind: kind === 'delete' ? 'delete' : 'edit', clientId: client_id, state, refusal,
      retryAt: retryAt === null ? null : this.toServerTime(retryAt),
      ...(kind === 'delete' ? {} : { content }), ...(not_before === undefined ? {} : { notBefore: this.toServerTime(not_before) }),
    };
  }

  /**
   * @param {MessageLine} line
   * @param {Entry | Sent} entry
   * @returns {MessageLine}
   */
  #over(line, { kind, content, mentions, put_at, uploads, emoji = '', on = false }) {
    const at = this.toServerTime(put_at);
    if (kind === 'delete') return { ...line, content: '', body: { content: '', deleted: { at, by: 'author' } }, isDeleted: true, mine: [] };
    if (line.isDeleted) return line;
    if (kind === 'edit') return { ...line, content, body: { ...withMentions(withUploads(line.body, uploads), mentions), content, edited_at: at } };
    if (line.mine.includes(emoji) === on) return line;
    const counts = line.body.reactions ?? [];
    const count = (counts.find((one) => one.emoji === emoji)?.count ?? 0) + (on ? 1 : -1);
    return { ...line, body: withReactions(line.body, countsAfter(counts, { emoji, count: Math.max(0, count) })), mine: mineWith(line.mine, emoji, on) };
  }
}

/**
 * @param {string | null} id
 * @param {string | null} clientId
 */
function keyOf(id, clientId) {
  return id === null ? `waiting:${clientId}` : `id:${id}`;
}
