/**
 * One room's log as this client has it: nothing twice, nothing missing unnoticed, always in order.
 *
 * A pure machine: an input changes the state and is answered with the actions that follow from it.
 * The newest range grows at its end (`last`); an event beyond it is held until the hole is filled.
 * tests/vectors/README.md states every rule, and its files hold this one to them: log.json, jumps.json and changes.json.
 * What only the page wants, `fill` from below and a page that was read without a socket, is in tests/js/log-around.test.js.
 */

import { OneTimer } from '../timing/one-timer.js';
import { isChange } from './changes.js';
import { HeldEvents } from './held-events.js';
import { hide, show, withChanged } from './log-actions.js';
import { Ranges } from './ranges.js';
import { Requests } from './requests.js';
import { RowChanges } from './row-changes.js';

const GAP_MS = 300;
const RETRY_MS = 1_000;

/**
 * @typedef {import('../types.js').LogEvent} LogEvent
 * @typedef {import('../types.js').LogJoin} LogJoin
 * @typedef {import('../types.js').HistoryAck} HistoryAck
 * @typedef {import('../types.js').HistoryRequest} HistoryRequest
 * @typedef {import('./log-words.js').LogInput} LogInput
 * @typedef {import('./log-words.js').LogAction} LogAction
 */

export class RoomLog {
  /** @type {string | null} */
  stream = null;
  /** @type {'closed' | 'joining' | 'joined'} */
  phase = 'closed';
  retentionMs = Infinity;
  /** Until then the newest page may be read without a socket. */
  wasJoined = false;
  #ranges = new Ranges();
  #requests = new Requests();
  #changes = new RowChanges(this.#ranges, this.#requests);
  #head = 0;
  #held = new HeldEvents();
  /** The `after` of the request for newer rows that is on its way. @type {number | null} */
  #newerAfter = null;
  #gapTimer = new OneTimer(/** @type {const} */ ('gap'));

  get last() {
    return this.#ranges.last;
  }

  get start() {
    return this.#ranges.start;
  }

  /** Held `seq`s, ascending. */
  get pending() {
    return this.#held.seqs;
  }

  get catchingUp() {
    return this.phase === 'joined' ? Math.max(0, this.#head - this.last) : 0;
  }

  get isLoadingOlder() {
    return this.#requests.has({ before: this.#ranges.oldest });
  }

  /** @param {number} seq */
  isLoadingAround(seq) {
    return this.#requests.has({ around: seq });
  }

  /** Whether it is known what is at this place. @param {number} seq */
  covers(seq) {
    return this.#ranges.covers(seq);
  }

  /** The oldest `seq` that is known. */
  get oldest() {
    return this.#ranges.oldest;
  }

  /** Whether it is known what is at this place, or that nothing is there any more. @param {number} seq */
  isKnown(seq) {
    return this.covers(seq) || (seq < this.oldest && this.start !== 'more');
  }

  rows() {
    return this.#ranges.rows();
  }

  /** The changes that are kept for what is on its way. */
  get keptChanges() {
    return this.#changes.kept;
  }

  /** A message as one has it. @param {number} seq */
  messageAt(seq) {
    return this.#ranges.itemAt(seq)?.event;
  }

  /**
   * @param {LogInput} input
   * @returns {LogAction[]}
   */
  handle(input) {
    const actions = withChanged(this.#decide(input), this.#changes.take());
    // What was refused is asked again with the next input, not at once.
    return input.do === 'history_failed' ? actions : [...actions, ...this.#readAgain()];
  }

  /**
   * @param {LogInput} input
   * @returns {LogAction[]}
   */
  #decide(input) {
    switch (input.do) {
      case 'open':
      case 'resync':
        return this.#open();
      case 'closed':
        return this.#close();
      case 'join_ack':
        return this.phase === 'joining' ? this.#joined(input.ack) : [];
      case 'event':
        return this.phase === 'closed' ? [] : this.#arrived(input.event);
      case 'timer':
        return this.#timerRang();
      case 'behind':
        return this.phase === 'joined' ? this.#behind(input.head) : [];
      case 'history_ack':
        return this.#answered(input.request, input.ack);
      case 'history_failed':
        return this.#failed(input.request, input.retry_after_ms ?? 0);
      case 'older':
        return this.start === 'more' ? this.#ask({ before: this.#ranges.oldest }) : [];
      case 'fill':
        return this.#ask('to' in input ? { before: input.to + 1 } : { after: input.from - 1 });
      case 'around':
        return this.covers(input.seq) ? [] : this.#ask({ around: input.seq });
      case 'expire':
        return this.#expire(input.now - this.retentionMs);
      case 'page':
        return this.wasJoined ? [] : this.#read(input.ack, input.retention_ms);
      case 'user':
        this.#changes.become(input.id);
        return [];
    }
  }

  /** @returns {LogAction[]} */
  #open() {
    const actions = this.#forgetRequests();
    this.phase = 'joining';
    const since = this.stream === null ? null : { stream: this.stream, seq: this.last };
    return [...actions, { do: 'join', since }];
  }

  #close() {
    this.#held.clear();
    this.phase = 'closed';
    return this.#forgetRequests();
  }

  #forgetRequests() {
    this.#newerAfter = null;
    this.#requests.clear();
    this.#changes.failed();
    return this.#gapTimer.cancel();
  }

  /** @param {LogJoin} ack */
  #joined(ack) {
    const isOurs = ack.stream === this.stream;
    const isRecovered = isOurs && ack.recovered;
    this.phase = 'joined';
    this.wasJoined = true;
    this.stream = ack.stream;
    this.retentionMs = ack.room.retention_ms;
    this.#head = ack.head;
    const isSameLog = isOurs && ack.reason !== 'ahead' && ack.reason !== 'stream_changed';
    const gone = isRecovered ? [] : this.#ranges.startPage(ack, isSameLog);
    this.#hold(ack.events, ack.mine);
    return [...hide(gone), ...this.#release(isRecovered && ack.more, ack)];
  }

  /**
   * The newest page, without a socket. The first join goes on with it.
   *
   * @param {HistoryAck} ack
   * @param {number} retentionMs
   */
  #read(ack, retentionMs) {
    const isOurs = ack.stream === this.stream;
    this.stream = ack.stream;
    this.retentionMs = retentionMs;
    const gone = this.#ranges.startPage(ack, isOurs);
    this.#hold(ack.events, ack.mine);
    const shown = show(this.#applyHeld());
    this.#changes.brought(ack);
    return [...hide(gone), ...shown];
  }

  /** @param {LogEvent} event */
  #arrived(event) {
    this.#hold([event]);
    return this.phase === 'joined' ? this.#release(false) : [];
  }

  /**
   * @param {LogEvent[]} events
   * @param {import('../types.js').Mine} [mine]
   */
  #hold(events, mine) {
    for (const event of events) this.#held.put(event, mine);
    this.#head = Math.max(this.#head, ...events.map(({ seq }) => seq));
  }

  /**
   * Applies what follows, then sees to what does not.
   *
   * @param {boolean} more the server has said that there is more
   * @param {LogJoin | HistoryAck} [answer] that brought it
   * @returns {LogAction[]}
   */
  #release(more, answer) {
    const shown = show(this.#applyHeld());
    if (answer) this.#changes.brought(answer);
    if (this.#newerAfter !== null) return shown;
    if (more || (this.#held.isEmpty && this.#head > this.last)) return [...shown, ...this.#askNewer()];
    if (this.#held.isEmpty) return [...shown, ...this.#gapTimer.cancel()];
    return this.#gapTimer.isRunning ? shown : [...shown, ...this.#gapTimer.start(GAP_MS)];
  }

  /** @returns {LogEvent[]} */
  #applyHeld() {
    const applied = /** @type {LogEvent[]} */ ([]);
    for (let held = this.#held.take(this.last); held; held = this.#held.take(this.last)) {
      const { event, mine } = held;
      this.#ranges.append(event, mine);
      if (isChange(event)) this.#changes.apply(event);
      applied.push(event);
    }
    return applied;
  }

  /** @returns {LogAction[]} */
  #timerRang() {
    this.#gapTimer.rang();
    return this.phase === 'joined' && this.#newerAfter === null ? this.#askNewer() : [];
  }

  /** @param {number} head */
  #behind(head) {
    this.#head = Math.max(this.#head, head);
    return head > this.last && this.#newerAfter === null ? this.#askNewer() : [];
  }

  /**
   * @param {HistoryRequest} request
   * @param {HistoryAck} ack
   * @returns {LogAction[]}
   */
  #answered(request, ack) {
    if (!this.#requests.end(request)) return [];
    if (request.after !== undefined && request.after === this.#newerAfter) return this.#answeredNewer(ack);
    const events = this.#insert(request, ack);
    this.#changes.wasRead(request);
    this.#changes.brought(ack);
    return show(events);
  }

  /**
   * @param {HistoryRequest} request
   * @param {HistoryAck} ack
   */
  #insert({ around, before, after = 0, limit }, ack) {
    if (limit !== undefined) return [];
    if (around !== undefined) return this.#ranges.insert(ack);
    return before !== undefined ? this.#ranges.extendUp(before, ack) : this.#ranges.fill(after, ack);
  }

  /**
   * @param {HistoryAck} ack
   * @returns {LogAction[]}
   */
  #answeredNewer(ack) {
    const before = this.last;
    this.#newerAfter = null;
    this.#head = Math.max(this.#head, ack.head);
    this.#ranges.skipTo(ack.from ?? ack.floor);
    this.#hold(ack.events, ack.mine);
    const bringsNothing = this.last === before && !ack.events.some((event) => event.seq > before);
    if (bringsNothing && this.catchingUp > 0) return this.#gapTimer.start(RETRY_MS);
    return this.#release(ack.more_after, ack);
  }

  /**
   * @param {HistoryRequest} request
   * @param {number} retryAfterMs
   * @returns {LogAction[]}
   */
  #failed(request, retryAfterMs) {
    if (!this.#requests.end(request)) return [];
    this.#changes.failed();
    if (request.after === undefined || request.after !== this.#newerAfter) return [];
    this.#newerAfter = null;
    return this.#gapTimer.start(Math.max(RETRY_MS, retryAfterMs));
  }

  /**
   * @param {number} cutoff
   * @returns {LogAction[]}
   */
  #expire(cutoff) {
    const seqs = this.#ranges.expire(cutoff);
    this.#changes.expired(seqs.at(-1) ?? 0, cutoff);
    return hide(seqs);
  }

  /** @returns {LogAction[]} */
  #askNewer() {
    const actions = this.#gapTimer.cancel();
    this.#newerAfter = this.last;
    this.#requests.begin({ after: this.last });
    return [...actions, { do: 'history', after: this.last }];
  }

  /** Messages of which one knows only that they have changed. @returns {LogAction[]} */
  #readAgain() {
    if (this.phase !== 'joined') return [];
    return [...this.#changes.toRead].flatMap((seq) => this.#ask({ around: seq, limit: 1 }));
  }

  /**
   * @param {HistoryRequest} request
   * @returns {LogAction[]}
   */
  #ask(request) {
    const isReadable = this.phase === 'joined' || !this.wasJoined;
    return isReadable && this.#requests.begin(request) ? [{ do: 'history', ...request }] : [];
  }
}
