/**
 * Puts the views around a room, and carries what happens from one to the other.
 *
 * Everything shown is read from the room; a view that changes something asks the room to.
 */

import { copyText } from './clipboard.js';
import { connectionLine } from './connection-words.js';
import { part, setText } from './element.js';
import { rememberRetention } from './left-behind.js';
import { oncePerFrame } from './once-per-frame.js';
import { refusalWords } from './refusal-words.js';
import { Refused, signIn } from './session.js';
import { Times } from './times.js';
import { typingWords } from './typing-words.js';
import { isLookedAt, titleOf, unreadCount } from './unread.js';
import { leaveBefore } from './way-out.js';
import { Announcer } from './views/announcer.js';
import { Composer } from './views/composer.js';
import { ConnectionView } from './views/connection-view.js';
import { Invite } from './views/invite.js';
import { MessageList } from './views/message-list.js';
import { NewPill } from './views/new-pill.js';
import { PeopleView } from './views/people-view.js';
import { Toast } from './views/toast.js';

const TICK_MS = 1_000;
/** Joining again takes a moment, in which the list of people is as good as it was. */
const STALE_MS = 2_000;

/**
 * @typedef {import('../chat/room.js').Room} Room
 * @typedef {{room: Room, connection: import('../chat/connection.js').Connection, dialog: import('./views/name-dialog.js').NameDialog,
 *   heartbeat: import('../chat/heartbeat.js').Heartbeat, serverClock: import('../chat/server-clock.js').ServerClock}} PagePorts
 */

export class RoomPage {
  #announcer = new Announcer();
  #toast = new Toast();
  #pill = new NewPill(() => this.#toNewest());
  #typing = part('typing', HTMLElement);
  #wasOnline = false;
  #times = new Times();
  /** When the list of people was known last. */
  #peopleAt = 0;
  /** The newest row when the end was last on the screen: the pill counts from there. */
  #newestSeen = 0;
  /** A page of rows has come, and may not fill the screen. */
  #isPageNew = false;
  #today = '';
  /** What one was called before a change of name that the room has not taken yet. */
  #nameBefore = '';

  /** @param {PagePorts} ports */
  constructor({ room, connection, heartbeat, serverClock, dialog }) {
    this.room = room;
    this.connection = connection;
    this.heartbeat = heartbeat;
    this.serverClock = serverClock;
    this.dialog = dialog;
    this.link = new URL(location.pathname, location.origin).href;
    this.invite = new Invite({ link: this.link, onProblem: (words) => this.#toast.show(words) });
    this.list = this.#makeList();
    this.people = new PeopleView({ onRename: () => this.#rename(), now: () => serverClock.now(), time: (ts) => this.#times.time(ts) });
    this.connectionView = new ConnectionView({ onRetry: () => this.#retry(), onSignIn: () => this.#signIn() });
    this.composer = this.#makeComposer();
  }

  start() {
    this.#listenToRoom();
    this.#listenToWindow();
    setInterval(() => this.#tick(), TICK_MS);
    this.#render();
    this.composer.focus();
    this.connection.start();
  }

  #makeList() {
    const { room } = this;
    return new MessageList({
      room, link: this.link, times: this.#times, now: () => this.serverClock.now(), isOnline: () => room.status.state === 'joined', myName: () => room.me.name,
      copyLink: () => this.invite.copy(), copy: (text) => void copyText(text), onMove: () => this.#moved(),
      retry: (clientId) => room.retry(clientId), discard: (clientId) => room.discard(clientId),
    });
  }

  #makeComposer() {
    const { room } = this;
    return new Composer({
      room: room.id,
      onSend: (text) => {
        this.#toNewest();
        room.send(text);
      },
      onWrite: (hasText) => (hasText ? room.typing.write() : room.typing.rest()),
      onProblem: (words) => this.#toast.show(words),
    });
  }

  #listenToRoom() {
    const { room, connection } = this;
    connection.on('status', () => this.#showConnection());
    connection.on('online', () => room.outboxLink.restore());
    connection.on('notice', (notice) => this.#toast.show(notice.text));
    room.on('status', () => this.#statusChanged());
    room.on('lines', ({ shown, cause }) => this.#linesChanged(shown, cause));
    room.on('presence', () => this.#showPeople());
    room.on('typing', () => setText(this.#typing, typingWords(room.typing.users)));
    room.on('read', () => this.#showUnread());
    room.on('arrived', (event) => this.#announcer.hear({ author: event.user.name, content: event.body.content ?? '' }));
    room.on('failed', (clientId) => this.#failed(clientId));
  }

  #listenToWindow() {
    leaveBefore(part('all-rooms', HTMLAnchorElement), (answerMs) => this.room.leave(answerMs));
    // Back by the browser’s button, to a page that was kept as it was: one has left since.
    window.addEventListener('pageshow', ({ persisted }) => persisted && this.#retry());
    window.addEventListener('online', () => this.heartbeat.check());
    window.addEventListener('offline', () => {
      this.heartbeat.check();
      this.#showConnection();
    });
    window.addEventListener('focus', () => this.#moved());
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState !== 'visible') return;
      this.heartbeat.check();
      this.#moved();
    });
  }

  #render() {
    this.list.render();
    this.#showConnection();
    this.#showPeople();
    this.#showUnread();
  }

  #tick() {
    this.room.expire(this.serverClock.now());
    if (this.room.waitingCount > 0 || this.#isNewDay()) this.list.render();
    this.#showConnection();
    this.#showPeople();
  }

  /** At midnight “Today” is another day. */
  #isNewDay() {
    const today = this.#times.dayKey(this.serverClock.now());
    const isNew = today !== this.#today;
    this.#today = today;
    return isNew;
  }

  #statusChanged() {
    const { status } = this.room;
    if (status.state === 'joined') this.#joined();
    if (status.state === 'refused' && status.refusal.code === 'name_taken') this.#nameTaken(status.refusal);
    this.#render();
  }

  #joined() {
    this.#wasOnline = true;
    this.#nameBefore = '';
    rememberRetention(this.room.log.retentionMs);
  }

  /**
   * @param {number[]} shown
   * @param {import('../chat/log-link.js').Cause} cause
   */
  #linesChanged(shown, cause) {
    this.#isPageNew ||= shown.length > 0 && cause !== 'live';
    this.#showLines();
  }

  /** A burst of messages is one change of the screen. */
  #showLines = oncePerFrame(() => {
    this.list.render();
    if (this.#isPageNew) this.list.loadOlder();
    this.#isPageNew = false;
    if (!this.list.scroll.isAtEnd) this.#pill.show(unreadCount({ lines: this.room.lines(), read: this.#newestSeen }));
    this.#moved();
    this.#showConnection();
  });

  /** Scrolled, looked at, or something came: the end on the screen of a focused page is what counts as read. */
  #moved() {
    const { room, list } = this;
    if (list.scroll.isAtEnd) {
      this.#newestSeen = room.log.last;
      this.#pill.show(0);
      if (isLookedAt()) room.read.advance(room.log.last);
    }
    this.#showUnread();
  }

  #toNewest() {
    this.list.scroll.toEnd();
    this.#moved();
  }

  #showUnread() {
    const { room } = this;
    document.title = titleOf(room.id, unreadCount({ lines: room.lines(), read: room.read.seq }));
  }

  #showPeople() {
    const { presence, me, status } = this.room;
    const now = this.serverClock.now();
    if (status.state === 'joined') this.#peopleAt = now;
    const isKnown = presence.count === 0 || now - this.#peopleAt < STALE_MS;
    this.people.show({ people: presence.users, count: presence.count, me, asOf: isKnown ? null : this.#peopleAt });
  }

  #showConnection() {
    const { room, connection } = this;
    const { asOf } = room.fallback;
    this.connectionView.show(connectionLine({
      connection: connection.status, room: room.status, catchingUp: room.log.catchingUp, waiting: room.waitingCount,
      wasOnline: this.#wasOnline, hasNetwork: navigator.onLine, now: Date.now(), asOf: asOf === null ? null : this.#times.time(asOf),
    }));
  }

  #retry() {
    if (this.connection.status.state === 'online') this.room.join();
    else this.connection.start();
  }

  /** @param {string} clientId */
  #failed(clientId) {
    const line = this.room.lines().find((one) => one.kind === 'message' && one.clientId === clientId);
    if (line?.kind === 'message' && line.state === 'failed') this.#toast.show(`A message was not sent. ${refusalWords(line.refusal)}`);
  }

  /**
   * A name is changed everywhere at once, and only then the room is asked: there is a way back to the old one.
   *
   * @param {import('../chat/types.js').Refusal} refusal
   */
  async #nameTaken({ suggestion }) {
    const before = this.#nameBefore;
    const user = await this.dialog.ask({
      title: 'That name is taken here', lead: suggestion ? `How about “${suggestion}”?` : 'Please choose another one.',
      submit: before ? 'Change it' : 'Join the room', cancel: before ? `Keep “${before}”` : 'Back', value: suggestion ?? this.room.me.name,
    });
    if (user) this.room.rename(user);
    else if (before) await this.#keepName(before, { suggestion });
    else location.assign('/');
  }

  /**
   * @param {string} name
   * @param {{suggestion?: string}} refusal of the new one
   */
  async #keepName(name, refusal) {
    try {
      const user = await signIn(name);
      this.#nameBefore = '';
      this.room.rename(user);
    } catch (error) {
      this.#toast.show(error instanceof Refused ? error.message : 'The server cannot be reached. Please try again.');
      await this.#nameTaken({ code: 'name_taken', retryable: false, ...refusal });
    }
  }

  async #rename() {
    const { name } = this.room.me;
    const user = await this.dialog.ask({ title: 'Change your name', submit: 'Change it', cancel: 'Cancel', value: name });
    if (!user) return;
    this.#nameBefore = name;
    this.room.rename(user);
  }

  async #signIn() {
    const user = await this.dialog.ask({ title: 'Sign in again', submit: 'Sign in', cancel: 'Cancel', value: this.room.me.name });
    if (!user) return;
    this.room.become(user);
    this.connection.start();
  }
}
