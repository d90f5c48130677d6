/**
 * A chat server in memory, for one room: the protocol's promises in a hundred lines.
 *
 * It answers at once and in order. `cut()` ends every connection, `isDeaf` swallows what is sent,
 * `refuse` answers the next requests of a name with an error.
 */

/** @typedef {{id: string, name: string}} User */

const LIMIT = 100;
const RECOVERABLE = 2_000;

export class SmallServer {
  room = 'lobby';
  stream = 's1';
  floor = 1;
  retentionMs = 86_400_000;
  /** @type {any[]} */
  events = [];
  /** @type {SmallSocket[]} */
  sockets = [];
  /** Everything that was asked, in order. @type {[string, any][]} */
  asked = [];
  /** @type {Map<string, any>} */
  refuse = new Map();
  features = ['edit', 'delete', 'react', 'reactions', 'message.reply_to', 'message.mentions'];
  isDeaf = false;
  isDown = false;
  n = 0;

  /** @param {() => number} clock */
  constructor(clock) {
    this.clock = clock;
  }

  get head() {
    return this.events.length;
  }

  /** @param {User} user */
  open(user) {
    const socket = new SmallSocket(this, user);
    const refusal = this.refuse.get('connect');
    const error = refusal ? Object.assign(new Error('refused'), { data: refusal }) : new Error('unreachable');
    queueMicrotask(() => (this.isDown || refusal ? socket.hear('connect_error', error) : this.#greet(socket)));
    return socket;
  }

  /** @param {SmallSocket} socket */
  #greet(socket) {
    this.sockets.push(socket);
    const { user } = socket;
    socket.hear('connect');
    socket.hear('hello', { protocol: '1', build: 'b1', server_time: this.clock(), connection: 'k', user, device: 'd', limits: {}, features: this.features });
  }

  cut() {
    for (const socket of [...this.sockets]) socket.disconnect();
  }

  /** @param {SmallSocket} gone */
  left(gone) {
    this.sockets = this.sockets.filter((socket) => socket !== gone);
    if (gone.isJoined) this.#tellPresence({ left: [gone.user] });
  }

  /** Somebody else's message. @param {User} user @param {string} content */
  say(user, content, type = 'message') {
    return this.#store({ user, type, client_id: `x${this.head + 1}`, body: { content } });
  }

  /** @param {{user: User, type: string, client_id: string, body: any}} what */
  #store(what) {
    const seq = this.head + 1;
    const event = { room: this.room, seq, id: `m${seq}`, ts: this.clock(), ...what };
    this.events.push(event);
    this.broadcast('event', event);
    return event;
  }

  /** @param {string} name @param {any} value */
  broadcast(name, value) {
    for (const socket of this.sockets) if (socket.isJoined) socket.hear(name, value);
  }

  /** @param {any} change */
  #tellPresence(change) {
    this.n += 1;
    const { v, count } = this.presence();
    this.broadcast('presence', { room: this.room, v, count, ...change });
  }

  presence() {
    const users = new Map(this.sockets.filter((socket) => socket.isJoined).map(({ user }) => [user.id, user]));
    return { v: [1, this.n], users: [...users.values()], count: users.size };
  }

  /** @param {SmallSocket} socket @param {string} name @param {any} payload @param {(ack: any) => void} ack */
  receive(socket, name, payload, ack) {
    this.asked.push([name, payload]);
    const answers = /** @type {Record<string, any>} */ (this);
    const error = this.refuse.get(name);
    if (this.isDeaf) return;
    const answer = error ? { ok: false, error } : { ok: true, ...answers[`on_${name}`](payload, socket) };
    queueMicrotask(() => ack?.(answer));
  }

  /** @param {any} payload @param {SmallSocket} socket */
  on_join({ since }, socket) {
    const isNew = !socket.isJoined;
    socket.isJoined = true;
    if (isNew) this.#tellPresence({ joined: [socket.user] });
    const { room, stream, head, floor } = this;
    const common = { room: { id: room, title: '', retention_ms: this.retentionMs }, role: 'member', stream, head, floor, read: null, presence: this.presence() };
    const reason = this.#whyNotRecovered(since);
    if (since && !reason) {
      const events = this.events.slice(since.seq, since.seq + LIMIT);
      return { ...common, recovered: true, events, more: since.seq + events.length < head };
    }
    return { ...common, recovered: false, ...(reason ? { reason } : {}), events: this.events.slice(Math.max(floor - 1, head - LIMIT)), more: false };
  }

  /** @param {any} since */
  #whyNotRecovered(since) {
    if (!since) return null;
    if (since.stream !== this.stream) return 'stream_changed';
    if (since.seq > this.head) return 'ahead';
    if (since.seq < this.floor - 1) return 'truncated';
    return this.head - since.seq > RECOVERABLE ? 'too_far' : null;
  }

  /** @param {any} payload @param {SmallSocket} socket */
  on_message({ client_id, content, mentions, reply_to, uploads }, { user }) {
    const answered = reply_to && this.events[reply_to.seq - 1];
    const quote = answered && { seq: answered.seq, user: answered.user, excerpt: answered.body.content };
    const files = uploads?.length > 0 ? { uploads: uploads.map((/** @type {string} */ id) => ({ id, name: 'note.txt', type: 'text/plain', size: 3 })) } : {};
    return this.#once(user, client_id, () => ({ type: 'message', body: { content, ...(mentions ? { mentions } : {}), ...(reply_to ? { reply_to, quote } : {}), ...files } }));
  }

  /** @param {any} payload @param {SmallSocket} socket */
  on_edit({ client_id, target, content, mentions = [] }, { user }) {
    const seq = this.head + 1;
    const called = mentions.map((/** @type {any} */ one) => ({ since: seq, ...one }));
    const text = { content, ...(called.length > 0 ? { mentions: called } : {}), edited_at: this.clock(), edited_seq: seq };
    const make = () => ({ type: 'edit', body: { target, ...text }, change: (/** @type {any} */ body) => ({ ...body, ...text }) });
    return this.#once(user, client_id, make);
  }

  /** @param {any} payload @param {SmallSocket} socket */
  on_delete({ client_id, target }, { user }) {
    const make = () => ({ type: 'delete', body: { target, by: 'author' }, change: () => ({ content: '', deleted: { at: this.clock(), by: 'author' } }) });
    return this.#once(user, client_id, make);
  }

  /** @param {any} payload @param {SmallSocket} socket */
  on_react({ target, emoji, on }, { user }) {
    return { seq: this.react(user, target.seq, emoji, on).seq };
  }

  on_reactions() {
    return { reactions: [] };
  }

  /** Somebody reacts: with one emoji, which nobody else has taken. @param {User} user @param {number} seq @param {string} emoji */
  react(user, seq, emoji, on = true) {
    const target = { seq, id: `m${seq}` };
    const counts = (this.events[seq - 1].body.reactions ?? []).filter((/** @type {any} */ one) => one.emoji !== emoji);
    const reactions = on ? [...counts, { emoji, count: 1 }] : counts;
    const change = { target, emoji, user, on, count: on ? 1 : 0 };
    const told = { user: { id: '', name: '' }, type: 'react', client_id: 'r', body: { changes: [change] } };
    return this.#change(seq, told, (body) => ({ ...body, reactions }));
  }

  /**
   * A repetition is answered with the first.
   *
   * @param {User} user
   * @param {string} clientId
   * @param {() => any} make
   */
  #once(user, clientId, make) {
    const first = this.events.find((event) => event.user.id === user.id && event.client_id === clientId);
    const { change, ...what } = first ? {} : { user, client_id: clientId, ...make() };
    const { seq, id, ts } = first ?? (change ? this.#change(what.body.target.seq, what, change) : this.#store(what));
    return { seq, id, ts, duplicate: first !== undefined };
  }

  /**
   * @param {number} seq
   * @param {any} what
   * @param {(body: any) => any} change
   */
  #change(seq, what, change) {
    const row = this.events[seq - 1];
    this.events[seq - 1] = { ...row, rev: this.head + 1, body: change(row.body) };
    return this.#store(what);
  }

  /** @param {any} payload */
  on_history({ after, before, limit }) {
    const to = after === undefined ? (before ?? this.head + 1) - 1 : Math.min(this.head, after + limit);
    const from = Math.max(this.floor, after === undefined ? to + 1 - limit : after + 1);
    const events = this.events.slice(from - 1, to);
    const range = events.length > 0 ? { from, to } : { from: null, to: null };
    return { events, ...range, stream: this.stream, head: this.head, floor: this.floor, more_before: from > this.floor, more_after: to < this.head };
  }

  /** @param {any} payload @param {SmallSocket} socket */
  on_lookup({ client_ids }, { user }) {
    const stored = this.events.filter((event) => event.user.id === user.id && client_ids.includes(event.client_id));
    const found = Object.fromEntries(stored.map((event) => [event.client_id, { seq: event.seq, ts: event.ts }]));
    return { found, unknown: client_ids.filter((/** @type {string} */ id) => !(id in found)) };
  }

  /** @param {any} payload @param {SmallSocket} socket */
  on_leave(payload, socket) {
    socket.isJoined = false;
    this.#tellPresence({ left: [socket.user] });
    return {};
  }

  on_presence() {
    return this.presence();
  }

  /** @param {any} payload */
  on_read({ seq }) {
    return { seq };
  }

  /** @param {any} payload @param {SmallSocket} socket */
  on_typing({ on }, { user }) {
    this.broadcast('typing', { room: this.room, users: on ? [user] : [], ttl_ms: 6_000 });
    return {};
  }

  /** @param {any} payload */
  on_ping({ t, heads }) {
    const isBehind = (heads?.[this.room] ?? this.head) < this.head;
    return { t, server_time: this.clock(), ...(isBehind ? { behind: { [this.room]: this.head } } : {}) };
  }
}

export class SmallSocket {
  isJoined = false;
  #isOver = false;
  /** @type {[string, (...args: any[]) => void][]} */
  #listeners = [];

  /** @param {SmallServer} server @param {User} user */
  constructor(server, user) {
    this.server = server;
    this.user = user;
  }

  /** @param {string} name @param {(...args: any[]) => void} listener */
  on(name, listener) {
    this.#listeners.push([name, listener]);
  }

  /** @param {string} name @param {any} payload @param {(ack: any) => void} ack */
  emit(name, payload, ack) {
    if (!this.#isOver) this.server.receive(this, name, payload, (answer) => this.#isOver || ack?.(answer));
  }

  /** @param {string} name @param {any} [value] */
  hear(name, value) {
    if (!this.#isOver) for (const [heard, listener] of this.#listeners) if (heard === name) listener(value);
  }

  disconnect() {
    if (this.#isOver) return;
    this.hear('disconnect', 'transport close');
    this.#isOver = true;
    this.server.left(this);
  }
}
