/**
 * One message as an element: who, when, what, and what became of it.
 *
 * @typedef {import('../../chat/messages/timeline.js').MessageLine} MessageLine
 * @typedef {{retry: (clientId: string) => void, discard: (clientId: string) => void,
 *   copy: (text: string) => void, compare: (line: MessageLine) => void}} DeliveryActions
 *   `compare`: what one has made of it with what it is by now
 * @typedef {{line: MessageLine, isFirst: boolean, isNewMinute: boolean, isLinked: boolean, isEdited: boolean}} Message
 *   `isFirst` of its author's run; `isNewMinute`: said in another minute than the one above; `isLinked`: the address names it;
 *   `isEdited`: it is in the composer
 * @typedef {{times: import('../text/times.js').Times, longTexts: import('./long-texts.js').LongTexts, now: () => number,
 *   isOnline: () => boolean, myName: () => string, myId: () => string, canReact: () => boolean, colours: import('../people/colour.js').Colours,
 *   files: import('../files/message-files.js').MessageFiles}} Surroundings
 */

import { calledAt } from '../../chat/messages/mentions.js';
import { arrange } from '../dom/arrange.js';
import { button, element, properName, setAttributes } from '../dom/element.js';
import { isEmojiAlone } from '../form/emoji-alone.js';
import { formOf, isFormed } from '../form/form.js';
import { formNodes } from '../form/form-nodes.js';
import { withMentions } from '../form/mention-parts.js';
import { initialsOf } from '../people/colour.js';
import { isolated } from '../text/language.js';
import { secondsInWords } from '../text/times.js';
import { changeWords, isRefused } from './change-words.js';
import { marksOf } from './marks.js';
import { hashOf } from './message-hash.js';
import { quoteOf } from './quote.js';
import { refusalWords } from './refusal-words.js';

/**
 * @param {HTMLElement} row
 * @param {Message} message
 * @param {Surroundings & DeliveryActions} page
 */
export function fillMessage(row, { line, isFirst, isNewMinute, isLinked, isEdited }, page) {
  row.className = `message${isFirst ? ' message-first' : ''}${isNewMinute ? ' message-minute' : ''}`;
  setAttributes(row, {
    'data-testid': 'message', 'data-seq': line.seq, 'data-client-id': line.clientId,
    'data-state': line.state === 'old' || line.state === 'paused' ? 'failed' : line.state, 'data-mine': line.isMine,
    'data-colour': page.colours.of(line.author.id), 'data-linked': isLinked,
    'data-edited': isEdited, 'data-change': line.change && (isRefused(line.change) ? 'refused' : line.change.state),
    'data-called': calledAt(line, page.myId()) !== null,
    'data-refusal': line.state === 'failed' ? (line.refusal?.code ?? null) : null,
  });
  // What plays in it goes on: it stays where it is, and so does what holds it.
  const [files] = page.files.of(row, line);
  const body = files?.parentElement ?? element('div', { class: 'message-body' });
  arrange(body, bodyOf(line, files, page));
  arrange(row, [...headOf(line, isFirst, page), body]);
}

/**
 * @param {MessageLine} line
 * @param {boolean} isFirst
 * @param {Surroundings} page
 */
function headOf(line, isFirst, { times, myId }) {
  const author = properName(line.author.name, { class: isFirst ? 'message-author' : 'visually-hidden', 'data-testid': 'message-author' });
  const time = timeOf(line, isFirst ? times.time(line.ts) : times.shortTime(line.ts));
  const called = calledAt(line, myId()) === null ? [] : [element('span', { class: 'visually-hidden' }, ' mentions you ')];
  if (!isFirst) return [author, time, ...called];
  const avatar = element('span', { class: 'avatar', 'aria-hidden': 'true', translate: 'no' }, initialsOf(line.author.name));
  return [avatar, element('div', { class: 'message-head' }, author, time, ...called)];
}

/**
 * A link to the message, once it has a place. What it is exactly is told to who asks (see row-tools.js).
 *
 * @param {MessageLine} line
 * @param {string} words
 */
function timeOf({ seq, ts }, words) {
  const time = element('time', { datetime: new Date(ts).toISOString() }, words);
  if (seq === null) return element('span', { class: 'message-time' }, time);
  return element('a', { class: 'message-time', href: hashOf(seq), tabindex: -1 }, time);
}

/**
 * @param {MessageLine} line
 * @param {HTMLElement | undefined} files
 * @param {Surroundings & DeliveryActions} page
 */
function bodyOf(line, files, page) {
  const { body, mine } = line;
  const className = `message-text${isEmojiAlone(line.content) ? ' message-emoji' : ''}`;
  const text = element(isFormed(line.content) ? 'div' : 'p', { class: className, 'data-testid': 'message-text', dir: 'auto', hidden: line.content === '' }, ...formNodes(withMentions(formOf(line.content), body.mentions ?? [], page.myId())));
  const marks = { edited: body.edited_at ?? null, reactions: body.reactions ?? [], mine, canReact: page.canReact() };
  return [
    ...(body.quote ? [quoteOf(body.quote)] : []), text, ...page.longTexts.fold(text, line), ...(files ? [files] : []),
    ...marksOf(marks, (ts) => page.times.exact(ts)), ...deliveryOf(line, page), ...changeOf(line, page),
  ];
}

/**
 * @param {MessageLine} line
 * @param {Surroundings & DeliveryActions} page
 */
function deliveryOf(line, { retry, discard, copy, now, isOnline, myName }) {
  const { state, clientId } = line;
  if (state === 'sent' || clientId === null) return [];
  const said = deliveryWords(line, now(), isOnline());
  if (said === '') return [];
  const words = element('span', {}, said);
  if (state === 'waiting' || state === 'sending') return [element('div', { class: 'message-delivery' }, words)];
  return [element(
    'div', { class: 'message-delivery' }, words,
    button(retryWords(state, myName()), 'link-button', () => retry(clientId)),
    button('Copy', 'link-button', () => copy(line.content)),
    button('Discard', 'link-button', () => discard(clientId)),
  )];
}

/**
 * A change that came too late for the words it was made of is not made again: one looks at both.
 *
 * @param {MessageLine} line
 * @param {Surroundings & DeliveryActions} page
 */
function changeOf(line, { retry, discard, compare, isOnline, myName }) {
  const { change } = line;
  const words = change ? changeWords(change, isOnline()) : '';
  if (!change || words === '') return [];
  const said = element('span', {}, words);
  if (!isRefused(change)) return [element('div', { class: 'message-delivery' }, said)];
  const again = change.state === 'conflict'
    ? button('Compare', 'link-button', () => compare(line))
    : button(retryWords(change.state, myName()), 'link-button', () => retry(change.clientId));
  return [element('div', { class: 'message-delivery' }, said, again, button('Discard', 'link-button', () => discard(change.clientId)))];
}

/**
 * @param {string} state
 * @param {string} myName
 */
function retryWords(state, myName) {
  if (state === 'paused') return `Send as ${isolated(myName)}`;
  return state === 'old' ? 'Send now' : 'Retry';
}

/**
 * Nothing where the files show by themselves how far they have come.
 *
 * @param {MessageLine} line
 * @param {number} now
 * @param {boolean} isOnline
 */
export function deliveryWords({ state, refusal, retryAt, author, body }, now, isOnline) {
  if (state === 'paused') return `Written as ${isolated(author.name)}, and not sent.`;
  if (state === 'old') return 'Not sent for an hour. Is it still wanted?';
  if (state === 'failed') return `Not sent. ${refusalWords(refusal)}`;
  if (!isOnline) return 'Waiting for the connection';
  if (state === 'sending') return 'Sending…';
  if (retryAt === null || retryAt <= now) return body.uploads ? '' : 'Waiting';
  const wait = secondsInWords(Math.ceil((retryAt - now) / 1000));
  if (refusal?.code === 'storage_full' && body.uploads) return `Waiting: there is no room for files now. Trying again in ${wait}`;
  return refusal?.code === 'rate_limited' || refusal?.code === 'slow_mode' ? `A bit fast: goes out in ${wait}` : `Trying again in ${wait}`;
}
