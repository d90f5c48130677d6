/**
 * One room's log as this client has it: nothing twice, nothing missing unnoticed, always in order.
 *
 * A pure machine: an input changes the state and is answered with the actions that follow from it.
 * The newest range grows at its end (`last`); an event beyond it is held until the hole is filled.
 * tests/vectors/README.md states every rule, log.json holds this file to them. What only a screen that jumps wants,
 * `around` and `fill` from below, is beside them (tests/js/log-around.test.js).
 */

import { OneTimer } from '../timing/one-timer.js';
import { isRow } from './range.js';
import { Ranges } from './ranges.js';

const GAP_MS = 300;
const RETRY_MS = 1_000;

/**
 * @typedef {import('../types.js').LogEvent} LogEvent
 * @typedef {import('../types.js').LogJoin} LogJoin
 * @typedef {import('../types.js').HistoryAck} HistoryAck
 * @typedef {import('../types.js').HistoryRequest} HistoryRequest
 * @typedef {{do: 'open'} | {do: 'join_ack', ack: LogJoin} | {do: 'event', event: LogEvent}
 *   | {do: 'timer', name: 'gap'} | {do: 'history_ack', request: HistoryRequest, ack: HistoryAck}
 *   | {do: 'history_failed', request: HistoryRequest, retry_after_ms?: number}
 *   | {do: 'behind', head: number} | {do: 'resync'} | {do: 'closed'} | {do: 'older'}
 *   | {do: 'fill', from: number} | {do: 'fill', to: number} | {do: 'around', seq: number} | {do: 'expire', now: number}
 *   | {do: 'page', ack: HistoryAck, retention_ms: number}} LogInput  `page`: the newest, read without a socket
 * @typedef {{do: 'join', since: {stream: string, seq: number} | null}
 *   | ({do: 'history'} & HistoryRequest) | {do: 'show', seqs: number[]} | {do: 'hide', seqs: number[]}
 *   | import('../timing/one-timer.js').TimerAction<'gap'>} LogAction
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
  #head = 0;
  /** @type {Map<number, LogEvent>} */
  #held = new Map();
  /** The `after` of the request for newer rows that is on its way. @type {number | null} */
  #newerAfter = null;
  /** Other requests on their way: scrolled up, or a gap row clicked. @type {Set<string>} */
  #asked = new Set();
  #gapTimer = new OneTimer(/** @type {const} */ ('gap'));

  get last() {
    return this.#ranges.last;
  }

  get start() {
    return this.#ranges.start;
  }

  /** Held `seq`s, ascending. */
  get pending() {
    return [...this.#held.keys()].sort((a, b) => a - b);
  }

  get catchingUp() {
    return this.phase === 'joined' ? Math.max(0, this.#head - this.last) : 0;
  }

  get isLoadingOlder() {
    return this.#asked.has(keyOf({ before: this.#ranges.oldest }));
  }

  /** @param {number} seq */
  isLoadingAround(seq) {
    return this.#asked.has(keyOf({ around: seq }));
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

  /**
   * @param {LogInput} input
   * @returns {LogAction[]}
   */
  handle(input) {
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
    this.#asked.clear();
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
    if (!isRecovered) this.#ranges.startPage(ack, isOurs && ack.reason !== 'ahead' && ack.reason !== 'stream_changed');
    for (const event of ack.events) this.#hold(event);
    return this.#release(isRecovered && ack.more);
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
    this.#ranges.startPage(ack, isOurs);
    for (const event of ack.events) this.#hold(event);
    return show(this.#applyHeld());
  }

  /** @param {LogEvent} event */
  #arrived(event) {
    this.#hold(event);
    return this.phase === 'joined' ? this.#release(false) : [];
  }

  /** @param {LogEvent} event */
  #hold(event) {
    this.#held.set(event.seq, event);
    this.#head = Math.max(this.#head, event.seq);
  }

  /**
   * Applies what follows, then sees to what does not.
   *
   * @param {boolean} more the server has said that there is more
   * @returns {LogAction[]}
   */
  #release(more) {
    const shown = show(this.#applyHeld());
    if (this.#newerAfter !== null) return shown;
    if (more || (this.#held.size === 0 && this.#head > this.last)) return [...shown, ...this.#askNewer()];
    if (this.#held.size === 0) return [...shown, ...this.#gapTimer.cancel()];
    return this.#gapTimer.isRunning ? shown : [...shown, ...this.#gapTimer.start(GAP_MS)];
  }

  /** @returns {LogEvent[]} */
  #applyHeld() {
    const applied = /** @type {LogEvent[]} */ ([]);
    for (const seq of this.pending) {
      if (seq > this.last + 1) break;
      const event = /** @type {LogEvent} */ (this.#held.get(seq));
      this.#held.delete(seq);
      if (seq <= this.last) continue;
      this.#ranges.append(event);
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
    if (request.after !== undefined && request.after === this.#newerAfter) return this.#answeredNewer(ack);
    if (!this.#asked.delete(keyOf(request))) return [];
    if (request.around !== undefined) return show(this.#ranges.insert(ack));
    if (request.before !== undefined) return show(this.#ranges.extendUp(request.before, ack));
    return show(this.#ranges.fill(request.after ?? 0, ack));
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
    for (const event of ack.events) this.#hold(event);
    const bringsNothing = this.last === before && !ack.events.some((event) => event.seq > before);
    if (bringsNothing && this.catchingUp > 0) return this.#gapTimer.start(RETRY_MS);
    return this.#release(ack.more_after);
  }

  /**
   * @param {HistoryRequest} request
   * @param {number} retryAfterMs
   * @returns {LogAction[]}
   */
  #failed(request, retryAfterMs) {
    if (request.after === undefined || request.after !== this.#newerAfter) {
      this.#asked.delete(keyOf(request));
      return [];
    }
    this.#newerAfter = null;
    return this.#gapTimer.start(Math.max(RETRY_MS, retryAfterMs));
  }

  /**
   * @param {number} cutoff
   * @returns {LogAction[]}
   */
  #expire(cutoff) {
    const seqs = this.#ranges.expire(cutoff);
    return seqs.length > 0 ? [{ do: 'hide', seqs }] : [];
  }

  /** @returns {LogAction[]} */
  #askNewer() {
    const actions = this.#gapTimer.cancel();
    this.#newerAfter = this.last;
    return [...actions, { do: 'history', after: this.last }];
  }

  /**
   * @param {HistoryRequest} request
   * @returns {LogAction[]}
   */
  #ask(request) {
    const isReadable = this.phase === 'joined' || !this.wasJoined;
    if (!isReadable || this.#asked.has(keyOf(request))) return [];
    this.#asked.add(keyOf(request));
    return [{ do: 'history', ...request }];
  }
}

/** @param {HistoryRequest} request */
function keyOf(request) {
  const [[end, seq]] = Object.entries(request);
  return `${end}:${seq}`;
}

/**
 * @param {LogEvent[]} events
 * @returns {LogAction[]}
 */
function show(events) {
  const seqs = events.filter(isRow).map((event) => event.seq);
  return seqs.length > 0 ? [{ do: 'show', seqs }] : [];
}
