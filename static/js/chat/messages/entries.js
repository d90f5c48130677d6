/**
 * What waits in an outbox, oldest first: messages, edits and deletions, each of the person who wrote it.
 *
 * @typedef {import('../types.js').Draft} Draft
 * @typedef {import('../types.js').Kind} Kind
 * @typedef {import('../types.js').Refusal} Refusal
 * @typedef {import('../types.js').User} User
 * @typedef {Draft & {kind: Kind, state: 'waiting' | 'sending' | 'failed' | 'conflict' | 'old' | 'paused', isRepeat: boolean,
 *   isUnconfirmed: boolean, refusal: Refusal | null, retryAt: number | null, isUploading?: boolean, isUploadedAnew?: boolean}} Entry
 *   `isRepeat`: it may have reached the server; `isUnconfirmed`: of before a start, and to be looked up; `isUploading`: its files are
 *   on their way; `isUploadedAnew`: they were gone before it could be sent
 */

/** @type {(keyof Draft)[]} */
const OF_A_DRAFT = [
  'client_id', 'content', 'put_at', 'author', 'kind', 'mentions', 'reply_to', 'target', 'of', 'rev', 'not_before', 'emoji', 'on', 'files',
  'uploads',
];

export class Entries {
  /** @type {Entry[]} */
  all = [];
  /** Who one is. @type {User | null} */
  user = null;

  /** @param {string} clientId */
  find(clientId) {
    return this.all.find((entry) => entry.client_id === clientId);
  }

  /**
   * Two people may have the same client id.
   *
   * @param {string} clientId
   * @param {string | undefined} userId of whose event it is
   */
  findOf(clientId, userId) {
    const entry = this.find(clientId);
    return userId === undefined || !entry?.author || entry.author.id === userId ? entry : undefined;
  }

  /** Changes of a message that has no place yet. @param {string} clientId */
  changesOf(clientId) {
    return this.all.filter(({ of }) => of === clientId);
  }

  /** @param {Entry} entry */
  isOwn(entry) {
    return !this.user || !entry.author || entry.author.id === this.user.id;
  }

  /** @param {Entry} entry */
  remove(entry) {
    this.all = this.all.filter((other) => other !== entry);
  }

  /**
   * Those that were here before go first.
   *
   * @param {Draft[]} drafts
   * @returns {Entry[]} the ones that were not known
   */
  restore(drafts) {
    const known = new Set(this.all.map((entry) => entry.client_id));
    const fresh = drafts.filter((draft) => !known.has(draft.client_id)).map((draft) => entryOf(draft, true));
    this.all.unshift(...fresh);
    return fresh;
  }

  /** @param {Draft} draft @returns {Entry} */
  put(draft) {
    const entry = entryOf({ ...draft, author: this.user ?? undefined }, false);
    this.all.push(entry);
    return entry;
  }

  /**
   * What nobody has signed is of the first who comes.
   *
   * @param {Entry[]} entries
   * @param {Entry | null} inFlight
   * @returns {Entry[]} those that wait for their person from now on
   */
  pauseOthers(entries, inFlight) {
    const paused = /** @type {Entry[]} */ ([]);
    for (const entry of entries) {
      entry.author ??= this.user ?? undefined;
      const isOwn = this.isOwn(entry);
      if (isOwn && entry.state === 'paused') entry.state = 'waiting';
      if (isOwn || entry.state === 'paused' || entry === inFlight) continue;
      Object.assign(entry, { state: 'paused', refusal: null, retryAt: null, isUploading: false });
      paused.push(entry);
    }
    return paused;
  }

  /**
   * What the server cannot have can still become something else.
   *
   * @param {Draft} change
   * @returns {Entry | undefined} the entry that it changes: the message itself, or an earlier edit of it
   */
  changedBy({ kind, of, target }) {
    const message = of === undefined ? undefined : this.find(of);
    if (message && isOpen(message)) return message;
    return kind === 'edit' ? this.all.findLast((entry) => entry.kind === 'edit' && isSame(entry, { of, target }) && isOpen(entry)) : undefined;
  }

  /**
   * A message has a place, and with it its changes.
   *
   * @param {string} clientId
   * @param {import('../types.js').Target} target
   * @returns {Entry[]} those that were changed
   */
  settle(clientId, target) {
    const changes = this.changesOf(clientId);
    for (const change of changes) {
      delete change.of;
      Object.assign(change, { target, ...(change.kind === 'edit' ? { rev: target.seq } : {}) });
    }
    return changes;
  }

  /**
   * An edit is stored: later ones were written on it.
   *
   * @param {Entry} edit
   * @param {number} seq
   * @returns {Entry[]} those that were changed
   */
  rebase(edit, seq) {
    const later = this.all.filter((entry) => entry.kind === 'edit' && entry !== edit && isSame(entry, edit) && (entry.rev ?? seq) < seq);
    for (const entry of later) entry.rev = seq;
    return later;
  }
}

/** @param {Entry} entry */
function isOpen({ state, isRepeat, refusal }) {
  if (state === 'failed') return refusal?.code !== 'conflict';
  return state === 'conflict' || ((state === 'waiting' || state === 'old') && !isRepeat);
}

/**
 * @param {Pick<Draft, 'of' | 'target'>} one
 * @param {Pick<Draft, 'of' | 'target'>} other
 */
function isSame(one, other) {
  return one.of === other.of && one.target?.seq === other.target?.seq && one.target?.id === other.target?.id;
}

/**
 * @param {Draft} draft
 * @param {boolean} isRestored
 * @returns {Entry}
 */
export function entryOf({ kind = 'message', ...draft }, isRestored) {
  const isUnconfirmed = isRestored && kind === 'message';
  return { ...draft, kind, state: 'waiting', isRepeat: isRestored, isUnconfirmed, refusal: null, retryAt: null };
}

/** What of it survives. @param {Entry} entry @returns {Draft} */
export function draftOf(entry) {
  const kept = OF_A_DRAFT.filter((name) => entry[name] !== undefined);
  return /** @type {Draft} */ (Object.fromEntries(kept.map((name) => [name, entry[name]])));
}
