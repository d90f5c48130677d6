/**
 * A room as one person's client has it: its log, what is on its way, who is here, who writes.
 *
 * It joins whenever the connection is up, and resumes by joining again. Everything a view needs is
 * read from here; what has changed is told by name.
 */

import { PresenceDriver } from './attendance/presence-driver.js';
import { Typing } from './attendance/typing.js';
import { Emitter } from './emitter.js';
import { HistoryFallback } from './messages/history-fallback.js';
import { Calling } from './messages/calling.js';
import { LogDriver } from './messages/log-driver.js';
import { calledBy } from './messages/mentions.js';
import { OutboxDriver } from './messages/outbox-driver.js';
import { timelineOf } from './messages/timeline.js';
import { ReadCursor } from './reading/read-cursor.js';
import { RoomFiles } from './uploads/room-files.js';

/**
 * @typedef {import('./types.js').JoinAck} JoinAck
 * @typedef {import('./types.js').LogEvent} LogEvent
 * @typedef {import('./types.js').Refusal} Refusal
 * @typedef {import('./types.js').User} User
 * @typedef {import('./types.js').Kind} Kind
 * @typedef {import('./messages/lines.js').Sent} Sent
 * @typedef {import('./messages/log-driver.js').Cause} Cause
 * @typedef {{state: 'closed' | 'joined'} | {state: 'joining', delay?: {refusal: Refusal, retryAt: number}}
 *   | {state: 'refused', refusal: Refusal}} RoomStatus  `delay`: why it takes, and when it is asked again, by this machine's clock
 * @typedef {{status: RoomStatus, lines: {shown: number[], cause: Cause}, presence: null, typing: null, unkept: null,
 *   read: null, failed: string, arrived: LogEvent, moved: import('./attendance/moved.js').Moved, changed: {seqs: number[]},
 *   reacted: {seq: number, emoji: string, user: User}, called: import('./messages/mentions.js').Call, refused: {kind: Kind, seq: number | null, refusal: Refusal}}} RoomEvents
 *   `arrived`: a message of somebody else, live; `moved`: others came or went; `changed`: messages are others than they were, or
 *   have gone; `reacted`: somebody else has, to a message of one's own, live; `called`: an edit calls one, live; `refused`: a change of one's own that is over;
 *   `unkept`: from now on something waits that storage has not taken
 */

/** @extends {Emitter<RoomEvents>} */
export class Room extends Emitter {
  /** @type {RoomStatus} */
  status = { state: 'closed' };
  title = '';
  /** What the page has brought: how far one had read, and how often one was called behind that. */
  opened = { read: 0, mentions: 0 };
  calling = new Calling({
    me: () => this.me, presence: () => this.presence, rows: () => this.log.rows(), isOffered: () => this.features.has('message.mentions'),
  });
  /** @type {User} */
  me = { id: '', name: '' };
  /** What the server offers here, by the names of the protocol; nothing is known before it has greeted. @type {Set<string>} */
  features = new Set();
  /** Acked, and their events are not here yet. @type {Sent[]} */
  #sent = [];

  /**
   * @param {{id: string, connection: import('./connection/connection.js').Connection, storage: import('./types.js').OutboxStorage,
   *   timers: import('./types.js').Timers, clock: import('./types.js').Clock, newId: () => string,
   *   serverClock: import('./timing/server-clock.js').ServerClock, fetchHistory: import('./types.js').FetchHistory,
   *   loadFiles: () => Promise<import('./uploads/file-work.js').FileTools>, retentionMs?: number}} ports  `retentionMs`: as it was known last, until a join says it
   */
  constructor({ id, connection, storage, timers, clock, newId, serverClock, fetchHistory, loadFiles, retentionMs = Infinity }) {
    super();
    this.id = id;
    this.connection = connection;
    this.newId = newId;
    this.serverClock = serverClock;
    const shared = { room: id, connection, timers };
    this.logDriver = new LogDriver({ ...shared, fetchHistory, ...this.#logListeners(clock) });
    this.fallback = new HistoryFallback({ connection, timers, serverClock, logDriver: this.logDriver, retentionMs });
    this.files = new RoomFiles({
      room: id, timers, load: loadFiles,
      tell: (clientId, key, news) => this.outboxDriver.handle({ do: 'file', client_id: clientId, key, ...news }),
    });
    this.outboxDriver = new OutboxDriver({ ...shared, clock, storage, files: this.files, ...this.#outboxListeners() });
    this.presenceDriver = new PresenceDriver({
      ...shared, onChange: () => this.emit('presence', null), onMoved: (moved) => this.emit('moved', moved),
    });
    this.typing = new Typing({
      timers, me: () => this.me.id, say: (on) => this.#say('typing', { on }), onChange: () => this.emit('typing', null),
    });
    this.read = new ReadCursor({ timers, tell: (seq) => this.#say('read', { seq }), onChange: () => this.emit('read', null) });
    this.#listen();
  }

  get log() {
    return this.logDriver.log;
  }

  get presence() {
    return this.presenceDriver.presence;
  }

  /** Whether something waits here alone: a page that goes takes it along. */
  get hasUnkept() {
    return this.outboxDriver.unkeptCount > 0 || this.files.hasUnkept;
  }

  get waitingCount() {
    // A deletion waits for an “Undo”, not for the connection.
    const waiting = this.#outbox.entries.filter(({ kind, state }) => kind !== 'delete' && (state === 'waiting' || state === 'sending'));
    return waiting.length;
  }

  get #outbox() {
    return this.outboxDriver.outbox;
  }

  lines() {
    const toServerTime = (/** @type {number} */ own) => this.serverClock.fromOwn(own);
    const messageAt = (/** @type {number} */ seq) => this.log.messageAt(seq);
    const waiting = [...this.#outbox.entries, ...this.#outbox.reactions];
    return timelineOf({ rows: this.log.rows(), sent: this.#sent, waiting, me: this.me, toServerTime, messageAt });
  }

  /**
   * Puts a message into the outbox; it is on the screen at once.
   *
   * @param {string} content
   * @param {{replyTo?: number | null, files?: import('./types.js').ChosenFile[]}} [how] `replyTo`: the message that it answers,
   *   which is here; `files`: with them the content may be empty
   */
  send(content, { replyTo = null, files = [] } = {}) {
    this.typing.rest();
    const answered = replyTo === null ? undefined : this.log.messageAt(replyTo);
    const clientId = this.newId();
    const what = { ...this.calling.calls(content), ...(answered ? { reply_to: targetOf(answered) } : {}), ...(files.length > 0 ? { files: this.files.take(clientId, files) } : {}) };
    this.outboxDriver.handle({ do: 'put', client_id: clientId, content, ...what });
  }

  /** Takes one of the files away from a message that waits; the last of one without words takes it along. @param {string} clientId @param {string} key */
  removeFile(clientId, key) {
    this.outboxDriver.handle({ do: 'file', client_id: clientId, key, isRemoved: true });
  }

  /**
   * Gives a message of one's own another text; it is on the screen at once.
   *
   * @param {number | string} of its seq, or its client id as long as it has none
   * @param {string} content
   * @param {{base?: number, uploads?: string[]}} [how] `base`: the `edited_seq` of the text that one saw, or the message's seq, as it
   *   is now; `uploads`: the ids of the files that stay, or their keys, as it is told; all
   */
  edit(of, content, { base, uploads } = {}) {
    const about = this.#about(of);
    if (!about) return;
    const { message, name } = about;
    const rev = base ?? message?.body.edited_seq ?? message?.seq;
    const what = { ...name, ...(message ? { rev } : {}), ...(uploads ? { uploads } : {}) };
    this.outboxDriver.handle({ do: 'put', kind: 'edit', client_id: this.newId(), content, ...this.calling.calls(content, message?.body.mentions), ...what });
  }

  /**
   * Takes a message of one's own away, from the screen at once. For five seconds that can be undone.
   *
   * @param {number | string} of as for `edit`
   * @returns {string | null} what `undo` wants; nothing: there is nothing to be undone
   */
  delete(of) {
    const about = this.#about(of);
    if (!about) return null;
    const { message, name } = about;
    const known = this.#outbox.entries.find((entry) => entry.kind === 'delete' && (message ? entry.target?.id === message.id : entry.of === of));
    if (known) return known.client_id;
    const clientId = this.newId();
    this.outboxDriver.handle({ do: 'put', kind: 'delete', client_id: clientId, ...name });
    return this.#outbox.find(clientId) ? clientId : null;
  }

  /** The message that is to change, and how an entry names it; nothing: it is not here. @param {number | string} of */
  #about(of) {
    if (typeof of === 'string') return { name: { of } };
    const message = this.log.messageAt(of);
    return message && { message, name: { target: targetOf(message) } };
  }

  /** @param {string} clientId what `delete` gave @returns {boolean} whether it was in time */
  undo(clientId) {
    this.outboxDriver.handle({ do: 'undo', client_id: clientId });
    return !this.#outbox.find(clientId);
  }

  /**
   * @param {number} seq
   * @param {string} emoji
   * @param {boolean} on whether it is to be there or not
   */
  react(seq, emoji, on) {
    const message = this.log.messageAt(seq);
    if (message) this.outboxDriver.handle({ do: 'put', kind: 'react', client_id: this.newId(), target: targetOf(message), emoji, on });
  }

  /** Who has reacted to a message, and how. @param {number} seq @returns {Promise<import('./types.js').ReactionsAck>} */
  async reactions(seq) {
    const message = this.log.messageAt(seq);
    if (!message) return { ok: false, error: { code: 'target_gone', retryable: false } };
    return this.connection.request('reactions', { room: this.id, target: targetOf(message) });
  }

  /** The page goes: deletions that wait for an “Undo” are sent at once. */
  flush() {
    this.outboxDriver.handle({ do: 'flush' });
  }

  /** @param {string} clientId */
  retry(clientId) {
    this.outboxDriver.handle({ do: 'retry', client_id: clientId });
  }

  /** @param {string} clientId */
  discard(clientId) {
    this.outboxDriver.handle({ do: 'discard', client_id: clientId });
  }

  older() {
    this.logDriver.handle({ do: 'older' });
  }

  /** Loads a page of what a gap row stands for, at one of its ends. @param {{from: number} | {to: number}} end */
  fill(end) {
    this.logDriver.handle({ do: 'fill', ...end });
  }

  /**
   * What the room had to show a moment ago: one sees it before there is a connection, and the join goes on from there.
   *
   * @param {import('./types.js').Opening} opening
   */
  open({ history, read, mentions = 0, retention_ms }) {
    this.opened = { read, mentions };
    this.logDriver.page(history, retention_ms);
    this.read.heard(read);
  }

  /** Loads what is around a message. @param {number} seq */
  around(seq) {
    this.logDriver.handle({ do: 'around', seq });
  }

  /** Rows past the retention leave. @param {number} now the server's time */
  expire(now) {
    this.logDriver.handle({ do: 'expire', now });
  }

  /** @param {number} head */
  behind(head) {
    this.logDriver.handle({ do: 'behind', head });
  }

  /** Joins (again): a connection is there, a name was changed, the server has asked for it. */
  join() {
    this.#setStatus({ state: 'joining' });
    this.logDriver.open();
  }

  /**
   * Goes on purpose, so that nobody waits for whether one comes back. What waits in the outbox stays there.
   *
   * @param {number} answerMs how long one may be kept for it
   */
  async leave(answerMs) {
    if (this.status.state !== 'joined') return;
    this.read.tellNow();
    await this.connection.request('leave', { room: this.id }, answerMs);
  }

  /** Joins again under a new name. @param {User} user */
  rename(user) {
    this.become(user);
    this.join();
  }

  /** Who one is: what somebody else has left in the outbox waits from now on. @param {User} user */
  become(user) {
    this.me = user;
    this.logDriver.handle({ do: 'user', id: user.id });
    this.outboxDriver.handle({ do: 'user', user });
  }

  #listen() {
    const { connection } = this;
    const ours = (/** @type {(value: any) => void} */ then) => (/** @type {any} */ value) => value.room === this.id && then(value);
    connection.on('online', (hello) => {
      this.features = new Set(hello.features);
      this.become(hello.user);
      this.join();
      this.files.wake();
    });
    connection.on('lost', () => this.#closed());
    connection.hear('resync', ours(() => this.join()));
    for (const { hears } of [this.logDriver, this.presenceDriver, this.typing, this.read]) {
      for (const [name, hear] of Object.entries(hears)) connection.hear(name, ours(hear));
    }
  }

  #closed() {
    this.logDriver.closed();
    this.outboxDriver.handle({ do: 'closed' });
    this.presenceDriver.handle({ do: 'closed' });
    this.typing.closed();
    this.#setStatus({ state: 'closed' });
  }

  /** @param {import('./types.js').Clock} clock @returns {import('./messages/log-driver.js').LogListeners} */
  #logListeners(clock) {
    return {
      onJoined: (ack) => this.#joined(ack),
      onRestart: () => this.#forgetOldLog(),
      onRefused: (refusal) => this.#setStatus({ state: 'refused', refusal }),
      onDelayed: (refusal, ms) => this.#setStatus({ state: 'joining', delay: { refusal, retryAt: clock() + ms } }),
      onEvents: (events, cause) => events.forEach((event) => this.#note(event, cause)),
      onChange: (shown, cause) => this.#shown(shown, cause),
      onChanged: (seqs) => this.emit('changed', { seqs }),
    };
  }

  /** @returns {import('./messages/outbox-driver.js').OutboxListeners} */
  #outboxListeners() {
    return {
      onSent: (entry) => this.#sent.push(entry),
      onFailed: (clientId) => this.emit('failed', clientId),
      onRefused: ({ kind, target }, refusal) => this.emit('refused', { kind, seq: target?.seq ?? null, refusal }),
      onRejoin: () => this.join(),
      onUnkept: () => this.emit('unkept', null),
      onChange: () => this.#shown([], 'other'),
    };
  }

  /**
   * The log was applied before: what the resume brought is not sent again.
   *
   * @param {JoinAck} ack
   */
  #joined(ack) {
    this.title = ack.room.title ?? '';
    this.read.heard(ack.read);
    this.presenceDriver.handle({ do: 'join_ack', presence: ack.presence });
    this.#setStatus({ state: 'joined' });
    this.outboxDriver.handle({ do: 'ready' });
    this.read.resume();
  }

  #forgetOldLog() {
    this.read.reset();
    this.#sent = [];
  }

  /**
   * One's own, or of who was signed in here before and wrote it; and what concerns one.
   *
   * @param {LogEvent} event
   * @param {Cause} cause
   */
  #note(event, cause) {
    const { client_id, seq, id, user } = event;
    if (client_id) this.outboxDriver.handle({ do: 'own_event', client_id, seq, id, user: user.id });
    if (cause !== 'live' || seq <= this.log.last) return;
    if (event.type === 'react') this.#reacted(event.body.changes ?? []);
    const call = calledBy(event, this.me.id);
    if (call) this.emit('called', call);
  }

  /** @param {import('./types.js').ReactionChange[]} changes */
  #reacted(changes) {
    for (const { target, emoji, user, on } of changes) {
      const message = this.log.messageAt(target.seq);
      const isToMe = message?.id === target.id && message.user.id === this.me.id && user.id !== this.me.id;
      if (on && isToMe) this.emit('reacted', { seq: target.seq, emoji, user });
    }
  }

  /**
   * @param {number[]} shown
   * @param {Cause} cause
   */
  #shown(shown, cause) {
    this.#sent = this.#sent.filter((entry) => entry.seq > this.log.last);
    if (this.files.hasSent) this.files.keepSent(this.#uploads());
    this.emit('lines', { shown, cause });
    if (cause !== 'live' || shown.length === 0) return;
    const fresh = new Set(shown);
    for (const row of this.log.rows()) if (row.kind === 'event' && fresh.has(row.event.seq)) this.#arrived(row.event);
  }

  /** The files of all messages that are here. */
  #uploads() {
    const inLog = this.log.rows().flatMap((row) => (row.kind === 'event' ? (row.event.body.uploads ?? []).map(({ id }) => id) : []));
    return new Set([...inLog, ...this.#sent.flatMap(({ files = [] }) => files.map(({ upload = '' }) => upload))]);
  }

  /** @param {LogEvent} event */
  #arrived(event) {
    this.typing.sent(event.user.id);
    if (event.user.id !== this.me.id && !event.body.deleted) this.emit('arrived', event);
  }

  /**
   * @param {string} name
   * @param {Record<string, unknown>} payload
   */
  #say(name, payload) {
    if (this.status.state === 'joined') this.connection.send(name, { room: this.id, ...payload });
  }

  /** @param {RoomStatus} status */
  #setStatus(status) {
    this.status = status;
    this.emit('status', status);
  }
}

/** @param {LogEvent} message @returns {import('./types.js').Target} */
function targetOf({ seq, id }) {
  return { seq, id };
}
