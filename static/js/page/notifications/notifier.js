/**
 * Tells of new messages while the page is not looked at: what came within a moment together, and nothing that
 * was read meanwhile, here or on another device. History is never told, nor what one has written oneself.
 *
 * Of all tabs of a room only one speaks: the one that holds its lock. Before it is known whether it is this one, what comes is kept.
 * A room of the same name in a chat under another path of this host is another room: locks and tags are the whole host's.
 *
 * @typedef {import('../../chat/types.js').LogEvent} LogEvent
 * @typedef {Pick<LogEvent, 'seq' | 'user' | 'body'> & {at?: number, isCall?: boolean}} Told  `isCall`: it calls one by name; `at`: by
 *   the event with this seq
 * @typedef {{title: string, options: {body: string, tag: string, icon: string, renotify: boolean, silent?: boolean}}} Notice
 * @typedef {{close: () => void}} Shown
 */

import { saidIn } from '../text/files-words.js';
import { isolated } from '../text/language.js';
import { shortened } from '../text/shortened.js';
import { plural } from '../text/times.js';

const MOMENT_MS = 1_000;
const LONGEST = 200;

export class Notifier {
  /** @type {Told[]} */
  #fresh = [];
  /** @type {Told[]} */
  #told = [];
  /** @type {Shown | null} */
  #shown = null;
  /** Null: not known yet. @type {boolean | null} */
  #isOurs = null;

  /**
   * @param {{base: string, room: string, isOn: (isCall: boolean) => boolean, isLookedAt: () => boolean, readSeq: () => number,
   *   hold: (name: string, then: (isOurs: boolean) => void) => void, later: (ms: number, then: () => void) => void,
   *   show: (notice: Notice, onClick: () => void) => Shown, open: (seq: number) => void}} ports
   *   `hold` says whether this tab is the one to hold the name, and once more when it has become it
   */
  constructor(ports) {
    this.ports = ports;
    ports.hold(`${ports.base}chat-notifier:${ports.room}`, (isOurs) => (this.#isOurs = isOurs));
  }

  /** A message of somebody else has come, live. @param {Told} event */
  hear(event) {
    const { isOn, isLookedAt, later } = this.ports;
    if (this.#isOurs === false || !isOn(event.isCall === true) || isLookedAt()) return;
    if (this.#fresh.push(event) === 1) later(MOMENT_MS, () => this.#tell());
  }

  /** Deleted: nothing of them is told, nor stays where it was. @param {Set<number>} seqs */
  gone(seqs) {
    const isGone = (/** @type {Told} */ { seq }) => seqs.has(seq);
    this.#fresh = this.#fresh.filter((event) => !isGone(event));
    if (!this.#shown || !this.#told.some(isGone)) return;
    this.#told = this.#told.filter((event) => !isGone(event));
    const unread = this.#unreadOf(this.#told);
    if (unread.length === 0) this.#shown.close();
    else this.#show(unread, { isQuiet: true });
  }

  /** Read, here or elsewhere: what was told of it is taken back. */
  read() {
    if (this.#shown && this.#unreadOf(this.#told).length === 0) this.#shown.close();
  }

  #tell() {
    const fresh = this.#unreadOf(this.#fresh);
    this.#fresh = [];
    if (this.#isOurs !== true || fresh.length === 0 || this.ports.isLookedAt()) return;
    this.#told = [...this.#unreadOf(this.#told), ...fresh];
    this.#show(this.#told);
  }

  /**
   * @param {Told[]} events
   * @param {{isQuiet?: boolean}} [how] `isQuiet`: in place of one that stands there, and no news
   */
  #show(events, { isQuiet = false } = {}) {
    const { title, options } = noticeOf(this.ports, events);
    const quietly = isQuiet ? { renotify: false, silent: true } : {};
    this.#shown = this.ports.show({ title, options: { ...options, ...quietly } }, () => this.ports.open(events[0].seq));
  }

  /** @param {Told[]} events */
  #unreadOf(events) {
    return events.filter((event) => (event.at ?? event.seq) > this.ports.readSeq());
  }
}

/**
 * One that comes later takes the place of the one before: it tells all that is not read yet.
 *
 * @param {{base: string, room: string}} place
 * @param {Told[]} events
 * @returns {Notice}
 */
export function noticeOf({ base, room }, events) {
  const { user, body } = events[events.length - 1];
  const said = shortened(saidIn(body), LONGEST);
  const isOne = events.length === 1;
  const text = isOne ? said : `${isolated(user.name)}: ${isolated(said)}`;
  return {
    title: `${isOne ? isolated(user.name) : plural(events.length, 'new message')}${calls(events)} in ${isolated(room)}`,
    options: { body: text, tag: `${base}chat:${room}`, icon: `${base}/static/icon-192.png`, renotify: true },
  };
}

/** @param {Told[]} events */
function calls(events) {
  if (!events.some(({ isCall }) => isCall)) return '';
  return events.length === 1 ? ' mentions you' : ', you are mentioned,';
}
