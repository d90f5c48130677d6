/**
 * Puts the views around a room, and carries what happens from one to the other.
 *
 * Everything shown is read from the room; a view that changes something asks the room to.
 */

import { calledAt } from '../chat/messages/mentions.js';
import { Writing } from './actions/writing.js';
import { copyText } from './browser/clipboard.js';
import { holdPage } from './browser/hold-page.js';
import { oncePerFrame } from './browser/once-per-frame.js';
import { part } from './dom/element.js';
import { MessageFiles } from './files/message-files.js';
import { ConnectionView } from './header/connection-view.js';
import { RoomHead } from './header/room-head.js';
import { OwnName } from './identity/own-name.js';
import { copyLink } from './invite/copy-link.js';
import { forOthers } from './invite/shown-link.js';
import { refusedWords } from './messages/change-words.js';
import { hashOf } from './messages/message-hash.js';
import { refusalWords } from './messages/refusal-words.js';
import { Announcer } from './notices/announcer.js';
import { Toast } from './notices/toast.js';
import { Colours } from './people/colour.js';
import { JoinsAndLeaves } from './people/joins.js';
import { PeopleView } from './people/people-view.js';
import { typingPieces } from './people/typing-words.js';
import { MentionPill } from './reading/mention-pill.js';
import { NewPill } from './reading/new-pill.js';
import { Reading } from './reading/reading.js';
import { UnreadAbove } from './reading/unread-above.js';
import { mentionCount, unreadCount } from './reading/unread.js';
import { leaveBefore } from './rooms/leaving.js';
import { rememberRetention } from './storage/retention.js';
import * as settings from './storage/settings.js';
import { saidIn } from './text/files-words.js';
import { nodesOf } from './text/language.js';
import { Times } from './text/times.js';
import { LinkedMessage, missingWords } from './timeline/linked-message.js';
import { MessageList } from './timeline/message-list.js';
import { ReadAgain } from './timeline/read-again.js';
import { QuoteTrail } from './timeline/quote-trail.js';

const TICK_MS = 1_000;
/** @type {import('./people/joins.js').Joins[]} */
const NO_JOINS = [];

/**
 * @typedef {import('../chat/room.js').Room} Room
 * @typedef {{room: Room, connection: import('../chat/connection/connection.js').Connection,
 *   dialog: import('./identity/name-dialog.js').NameDialog, draft: import('./storage/draft.js').RoomDraft,
 *   heartbeat: import('../chat/connection/heartbeat.js').Heartbeat,
 *   serverClock: import('../chat/timing/server-clock.js').ServerClock, filesBy: import('./files/ports.js').By}} PagePorts
 */

export class RoomPage {
  #announcer = new Announcer();
  #toast = new Toast();
  #complain = (/** @type {string} */ words) => this.#toast.show(words);
  #typing = part('typing', HTMLElement);
  #times = new Times();
  #colours = new Colours();
  #joins = new JoinsAndLeaves();
  #showsJoins = settings.get('joins') !== 'hidden';
  /** A page of rows has come, and may not fill the screen. */
  #isPageNew = false;
  #today = '';

  /** @param {PagePorts} ports */
  constructor({ room, connection, heartbeat, serverClock, dialog, draft, filesBy }) {
    this.room = room;
    this.filesBy = filesBy;
    this.connection = connection;
    this.heartbeat = heartbeat;
    this.serverClock = serverClock;
    this.link = forOthers(new URL(location.pathname, location.origin).href, document.body.dataset.othersAt);
    const now = () => serverClock.now();
    const time = (/** @type {number} */ ts) => this.#times.inWords(ts);
    const onProblem = this.#complain;
    const onRename = () => this.name.change();
    this.name = new OwnName({ room, dialog, now, onProblem, onSignedIn: () => connection.start() });
    this.head = new RoomHead({
      room, connection, link: this.link, now, onProblem, onRename, toComposer: () => this.composer.focus(), toMessage: (seq) => this.linked.open(seq),
    });
    this.writing = this.#makeWriting(draft);
    this.actions = this.writing.actions;
    this.composer = this.writing.composer;
    this.readAgain = new ReadAgain({ room, list: () => this.list });
    /** @type {MessageList} */
    this.list = this.#makeList();
    this.linked = new LinkedMessage({ room, list: this.list, onMissing: (why) => this.#linkIsBroken(why) });
    this.trail = new QuoteTrail({ open: (seq) => this.linked.open(seq), isVisible: (seq) => this.list.visibleSeqs().includes(seq) });
    /** @type {Reading} */
    this.reading = this.#makeReading();
    this.people = new PeopleView({ room, now, time, onRename, colours: this.#colours });
    this.connectionView = new ConnectionView({
      room, time, onRetry: () => this.#retry(), onSignIn: () => this.name.signIn(), onGone: () => this.list.focus(),
    });
  }

  start() {
    this.#listenToRoom();
    this.#listenToWindow();
    setInterval(() => this.#tick(), TICK_MS);
    const isOpen = this.room.log.stream !== null && this.reading.begin();
    this.#render();
    if (isOpen && !this.linked.isAwaited) this.reading.open();
    if (!this.head.menu.isOpen) this.composer.focus(); // or it would close
    this.connection.start();
  }

  #makeList() {
    const { room } = this;
    const files = new MessageFiles({
      room, by: this.filesBy, onProblem: this.#complain, time: (ts) => this.#times.inWords(ts), onReady: () => this.list.render(),
    });
    return new MessageList({
      files,
      room, link: this.link, times: this.#times, colours: this.#colours, now: () => this.serverClock.now(),
      isOnline: () => room.status.state === 'joined', myName: () => room.me.name, myId: () => room.me.id, canReact: () => this.actions.canReact,
      copyLink: () => this.#copyLink(this.link, 'The invite link is copied.'), invite: () => this.head.openInvite(),
      copy: (text) => void copyText(text), actions: this.actions, compare: (line) => this.actions.compare(line),
      joins: () => (this.#showsJoins ? this.#joins.of(room.log.stream) : NO_JOINS), newFrom: () => this.reading.divider.seq,
      isHeld: () => this.linked.isOpening, isLeftAsItIs: () => this.readAgain.isUnderway, linked: () => this.linked.seq,
      edited: () => this.composer.target.edit?.of ?? null,
      onMove: (move) => this.#moved(move), onLeave: () => this.composer.focus(),
      retry: (clientId) => room.retry(clientId), discard: (clientId) => room.discard(clientId),
    });
  }

  /** @param {import('./storage/draft.js').RoomDraft} draft */
  #makeWriting(draft) {
    return new Writing({
      room: this.room, draft, filesBy: this.filesBy, list: () => this.list, onProblem: this.#complain, toNewest: () => this.#toNewest(),
      follow: (from, to) => this.trail.follow(from, to),
      copyMessageLink: (seq) => this.#copyLink(this.link + hashOf(seq), 'The link to the message is copied.'),
    });
  }

  #makeReading() {
    const pill = new NewPill(() => {
      this.#toNewest();
      this.list.focus();
    });
    const unreadAbove = new UnreadAbove(() => {
      this.reading.toFirstUnread();
      this.list.focus();
    });
    const mentions = new MentionPill((seq) => this.linked.open(seq));
    return new Reading({ room: this.room, list: this.list, pill, mentions, unreadAbove });
  }

  #listenToRoom() {
    const { room, connection } = this;
    connection.on('status', () => this.connectionView.show());
    connection.on('online', () => {
      room.outboxDriver.restore();
      void this.composer.files.come();
    });
    connection.hear('notice', (notice) => this.#toast.show(notice.text));
    room.on('status', () => this.#statusChanged());
    room.on('lines', ({ shown, cause }) => this.#linesChanged(shown, cause));
    room.on('changed', ({ seqs }) => this.readAgain.changed(seqs));
    room.on('presence', () => {
      this.people.show();
      if (room.lines().length === 0) this.list.render(); // an empty room says who is here
    });
    room.on('moved', (moved) => this.#othersMoved(moved));
    room.on('typing', () => this.#typing.replaceChildren(...nodesOf(typingPieces(room.typing.users))));
    room.on('read', () => this.#showUnread());
    room.on('arrived', (event) => this.#arrived(event));
    room.on('called', ({ author, content }) => this.#announcer.hear({ author: author.name, content, isCall: true }));
    room.on('reacted', ({ seq, emoji, user }) => this.#announcer.hear({ author: user.name, emoji, content: saidIn(this.actions.lineOf(seq)?.body ?? {}) }));
    room.on('refused', ({ refusal }) => this.#toast.show(refusedWords(refusal)));
    room.on('failed', (clientId) => this.#failed(clientId));
    room.on('unkept', () => this.#unkept());
    room.files.on('unkept', () => {
      this.#toast.show('This browser cannot keep the file: leave this page open until it is sent.');
      this.#unkept();
    });
  }

  #listenToWindow() {
    leaveBefore(part('all-rooms', HTMLAnchorElement), (answerMs) => this.room.leave(answerMs));
    window.addEventListener('pagehide', () => this.room.flush());
    // Back by the browser’s button, to a page that was kept as it was: one has left since.
    window.addEventListener('pageshow', ({ persisted }) => persisted && this.#retry());
    window.addEventListener('online', () => {
      this.heartbeat.check();
      this.room.files.wake();
    });
    window.addEventListener('offline', () => {
      this.heartbeat.check();
      this.connectionView.show();
    });
    settings.onChange('joins', (value) => this.#showJoins(value !== 'hidden'));
    window.addEventListener('focus', () => this.reading.moved());
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState !== 'visible') return;
      this.heartbeat.check();
      this.reading.moved();
    });
  }

  #render() {
    this.list.render();
    this.connectionView.show();
    this.people.show();
    this.#showUnread();
  }

  #tick() {
    this.room.expire(this.serverClock.now());
    this.#joins.expire(this.serverClock.now() - this.room.log.retentionMs);
    if (this.room.waitingCount > 0 || this.#isNewDay()) this.list.render();
    this.connectionView.show();
    this.people.show();
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
    this.composer.files.look();
    this.head.menu.look();
    const isFirst = status.state === 'joined' && this.reading.begin();
    if (status.state === 'joined') this.#joined();
    if (status.state === 'refused' && status.refusal.code === 'name_taken') this.name.isRefused(status.refusal);
    this.#render();
    if (this.linked.isAwaited) this.linked.settle();
    else if (isFirst && this.list.scroll.isAtEnd) this.reading.open();
  }

  #joined() {
    this.name.isTaken();
    rememberRetention(this.room.log.retentionMs);
  }

  /**
   * @param {number[]} shown
   * @param {import('../chat/messages/log-driver.js').Cause} cause
   */
  #linesChanged(shown, cause) {
    this.#isPageNew ||= shown.length > 0 && cause !== 'live';
    this.reading.came(shown, cause);
    this.#holdPage();
    this.#showLines();
  }

  /** A burst of messages is one change of the screen. */
  #showLines = oncePerFrame(() => {
    this.linked.settle();
    this.writing.look();
    this.list.render();
    if (this.#isPageNew) this.list.loadOlder();
    this.#isPageNew = false;
    this.reading.drawn();
    this.readAgain.drawn();
    this.#showUnread();
    this.connectionView.show();
  });

  /** @param {import('./timeline/message-list.js').Move} move */
  #moved(move) {
    this.reading.moved(move);
    if (move.isPersons) this.trail.moved();
  }

  #toNewest() {
    this.linked.forget();
    this.trail.forget();
    this.reading.toNewest();
  }

  /** @param {import('../chat/attendance/moved.js').Moved} moved */
  #othersMoved(moved) {
    this.#joins.note(moved, this.room.log, this.serverClock.now());
    this.#showLines();
  }

  /** @param {import('../chat/types.js').LogEvent} event */
  #arrived({ seq, user, body }) {
    const isCall = calledAt({ seq, author: user, body }, this.room.me.id) !== null;
    this.#announcer.hear({ author: user.name, content: body.content ?? '', isCall, uploads: body.uploads });
  }

  /** @param {boolean} isShown */
  #showJoins(isShown) {
    this.#showsJoins = isShown;
    this.#showLines();
  }

  /**
   * @param {string} link
   * @param {string} said
   */
  #copyLink(link, said) {
    return copyLink(link, { said, status: part('status', HTMLElement), onProblem: this.#complain });
  }

  /** @param {import('./timeline/linked-message.js').Missing} why */
  #linkIsBroken(why) {
    this.#toast.show(missingWords(why, this.room.log.retentionMs));
    if (why !== 'deleted' && !this.trail.isUnderway) this.reading.open(); // or one stays where one is
  }

  #showUnread() {
    const { room } = this;
    const [lines, read] = [room.lines(), room.read.seq];
    this.head.marks.show(unreadCount({ lines, read }), mentionCount({ lines, read, me: room.me.id, opened: room.opened }));
  }

  #retry() {
    if (this.connection.status.state === 'online') this.room.join();
    else this.connection.start();
  }

  #unkept() {
    this.#holdPage();
    this.connectionView.show();
  }

  /** Where the browser has not kept what waits, one is asked before it is lost. */
  #holdPage() {
    holdPage('what waits', this.room.hasUnkept);
  }

  /** @param {string} clientId */
  #failed(clientId) {
    const line = this.room.lines().find((one) => one.kind === 'message' && one.clientId === clientId);
    if (line?.kind === 'message' && line.state === 'failed') this.#toast.show(`A message was not sent. ${refusalWords(line.refusal)}`);
  }
}
