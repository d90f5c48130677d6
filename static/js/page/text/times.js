/**
 * Times in the reader's own language and zone.
 *
 * Within a sentence a time speaks the sentence’s language; alone it speaks the reader’s.
 *
 * Everything takes the server's milliseconds; “today” is told by the server's clock as well.
 */

import { englishOf } from './language.js';

const DAY_MS = 86_400_000;
/** Every time zone is off by a multiple of this, so that the day cannot change within one. */
const QUARTER_MS = 15 * 60_000;
const MINUTE_MS = 60_000;

export class Times {
  #time;
  #timeInWords;
  #exact;
  #day;
  #relative;
  #dayKey;
  /** Asking Intl for each row of a long list is what makes it slow. @type {Map<number, string>} */
  #dayKeys = new Map();
  /** @type {Map<number, {whole: string, short: string}>} */
  #minutes = new Map();

  /** @param {{locale?: string, timeZone?: string}} [reader] */
  constructor({ locale, timeZone } = {}) {
    this.#time = new Intl.DateTimeFormat(locale, { hour: 'numeric', minute: '2-digit', timeZone });
    const { locale: reader, hourCycle } = this.#time.resolvedOptions();
    this.#timeInWords = new Intl.DateTimeFormat(englishOf(reader), { hour: 'numeric', minute: '2-digit', hourCycle, timeZone });
    this.#exact = new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeStyle: 'medium', timeZone });
    this.#day = new Intl.DateTimeFormat(locale, { weekday: 'long', day: 'numeric', month: 'long', timeZone });
    this.#relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
    this.#dayKey = new Intl.DateTimeFormat('en-CA', { year: 'numeric', month: '2-digit', day: '2-digit', timeZone });
  }

  /** 10:42, or 10:42 AM @param {number} ts */
  time(ts) {
    return this.#minute(ts).whole;
  }

  /** The same as a part of one of the page’s sentences. @param {number} ts */
  inWords(ts) {
    return this.#timeInWords.format(ts);
  }

  /** 10:42, where it stands below a whole one and there is little room. @param {number} ts */
  shortTime(ts) {
    return this.#minute(ts).short;
  }

  /** @param {number} ts */
  #minute(ts) {
    const minute = Math.floor(ts / MINUTE_MS);
    const known = this.#minutes.get(minute) ?? this.#formatted(minute * MINUTE_MS);
    this.#minutes.set(minute, known);
    return known;
  }

  /** @param {number} ts */
  #formatted(ts) {
    const parts = this.#time.formatToParts(ts);
    const textOf = (/** @type {Intl.DateTimeFormatPart[]} */ some) => some.map((part) => part.value).join('');
    return { whole: textOf(parts), short: textOf(parts.filter((part) => part.type !== 'dayPeriod')).trim() };
  }

  /** For hover and focus. @param {number} ts */
  exact(ts) {
    return this.#exact.format(ts);
  }

  /** One text per calendar day, in order. @param {number} ts */
  dayKey(ts) {
    const quarter = Math.floor(ts / QUARTER_MS);
    const known = this.#dayKeys.get(quarter) ?? this.#dayKey.format(quarter * QUARTER_MS);
    this.#dayKeys.set(quarter, known);
    return known;
  }

  /**
   * Today, yesterday, or the date.
   *
   * @param {number} ts
   * @param {number} now
   */
  day(ts, now) {
    const daysAgo = (Date.parse(this.dayKey(now)) - Date.parse(this.dayKey(ts))) / DAY_MS;
    if (daysAgo !== 0 && daysAgo !== 1) return this.#day.format(ts);
    const word = this.#relative.format(-daysAgo, 'day');
    return word.charAt(0).toLocaleUpperCase() + word.slice(1);
  }
}

/** How long messages live, in words. @param {number} ms */
export function spanInWords(ms) {
  const minutes = Math.round(ms / 60_000);
  if (minutes < 1) return plural(Math.max(1, Math.round(ms / 1000)), 'second');
  if (minutes % 60 !== 0) return plural(minutes, 'minute');
  const hours = minutes / 60;
  return hours % 24 === 0 && hours > 24 ? plural(hours / 24, 'day') : plural(hours, 'hour');
}

/** A wait, whose number and unit stay on one line. @param {number} seconds */
export function secondsInWords(seconds) {
  return `${seconds}\u00a0s`;
}

/**
 * @param {number} count
 * @param {string} noun
 */
export function plural(count, noun) {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
