/** Searching: how it goes on and ends, what of a message is shown, and what is said. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { FOUND_AT_ONCE, Search } from '../../static/js/chat/messages/search.js';
import { keyCommand } from '../../static/js/page/header/keys.js';
import { excerptOf, termsOf } from '../../static/js/page/search/excerpt.js';
import { foundFiles } from '../../static/js/page/search/found-files.js';
import { progressWords, searchWords } from '../../static/js/page/search/search-words.js';
import { FakeTime, settled } from './fake-time.js';

/** A server that is asked, and answers when the test does. */
class Asked {
  time = new FakeTime();
  /** @type {{payload: any, answer: (ack: any) => void}[]} */
  asked = [];
  changes = 0;
  search = new Search({
    timers: this.time.timers, onChange: () => (this.changes += 1),
    request: (name, payload) => new Promise((answer) => {
      assert.equal(name, 'search');
      this.asked.push({ payload, answer });
    }),
  });

  /** @param {number[]} seqs @param {number} to */
  async brings(seqs, to, isMore = true) {
    const room = this.last.room;
    await this.answers({ ok: true, events: seqs.map((seq) => ({ seq, room })), searched_to: to, more_before: isMore });
  }

  /** @param {string} code @param {Record<string, unknown>} [more] */
  async refuses(code, more = {}) {
    await this.answers({ ok: false, error: { code, retryable: false, ...more } });
  }

  /** @param {any} ack */
  async answers(ack) {
    this.asked.at(-1)?.answer(ack);
    await settled();
  }

  get last() {
    return this.asked.at(-1)?.payload;
  }

  get seqs() {
    return this.search.found.map(({ seq }) => seq);
  }
}

/** @param {number} from @param {number} count */
function down(from, count) {
  return Array.from({ length: count }, (_, place) => from - place);
}

test('a search asks on by itself until it has a page, and then when it is told to', async () => {
  const server = new Asked();
  server.search.start('words', ['lobby']);
  assert.deepEqual(server.last, { room: 'lobby', q: 'words', limit: FOUND_AT_ONCE });
  assert.equal(server.search.phase, 'searching');

  await server.brings([99], 90);
  assert.deepEqual(server.last, { room: 'lobby', q: 'words', limit: FOUND_AT_ONCE, before: 90 });
  await server.brings([], 80);
  assert.deepEqual([server.last.before, server.search.searchedTo, server.search.phase], [80, 80, 'searching']);
  await server.brings(down(79, FOUND_AT_ONCE - 1), 60);
  assert.deepEqual([server.search.phase, server.seqs.length, server.asked.length], ['paused', FOUND_AT_ONCE, 3]);

  server.search.more();
  assert.deepEqual([server.last.before, server.search.phase], [60, 'searching']);
  await server.brings([50], 1, false);
  assert.deepEqual([server.search.phase, server.seqs.length, server.seqs.at(-1)], ['over', FOUND_AT_ONCE + 1, 50]);
});

test('of another search nothing is shown, however late its answer', async () => {
  const server = new Asked();
  server.search.start('first', ['lobby']);
  const [first] = server.asked;
  server.search.start('second', ['lobby']);
  first.answer({ ok: true, events: [{ seq: 7 }], searched_to: 1, more_before: true });
  await settled();
  assert.deepEqual([server.seqs, server.search.phase, server.asked.length], [[], 'searching', 2]);

  await server.brings([5], 1, false);
  assert.deepEqual([server.seqs, server.search.phase], [[5], 'over']);
});

test('who looks no more is asked for nothing more, and may go on', async () => {
  const server = new Asked();
  server.search.start('words', ['lobby']);
  await server.brings([9], 8);
  server.search.stop();
  await server.brings([7], 6);
  assert.deepEqual([server.seqs, server.search.phase, server.asked.length], [[9], 'paused', 2]);

  server.search.more();
  assert.equal(server.last.before, 8);
  server.search.clear();
  assert.deepEqual([server.seqs, server.search.phase], [[], 'idle']);
});

test('what cannot be asked now is asked again, when it was said or in a second', async () => {
  const server = new Asked();
  server.search.start('words', ['lobby']);
  await server.refuses('rate_limited', { retryable: true, retry_after_ms: 300 });
  assert.deepEqual([server.search.phase, server.search.refusal?.code, server.asked.length], ['searching', 'rate_limited', 1]);
  await server.time.pass(300);
  assert.equal(server.asked.length, 2);
  await server.refuses('not_connected', { retryable: true });
  await server.time.pass(1_000);
  assert.equal(server.asked.length, 3);
  await server.brings([9], 1, false);
  assert.deepEqual([server.search.phase, server.search.refusal], ['over', null]);

  server.search.start('words', ['lobby']);
  await server.refuses('not_connected', { retryable: true });
  server.search.stop();
  await server.time.pass(10_000);
  assert.equal(server.asked.length, 4);
});

test('what is refused is over, and says why', async () => {
  const server = new Asked();
  server.search.start('"', ['lobby']);
  await server.refuses('empty', { message: 'A search needs something to look for.' });
  assert.deepEqual([server.search.phase, server.search.refusal?.code], ['refused', 'empty']);
});

test('one room comes after the other, and one that is not there is passed over', async () => {
  const server = new Asked();
  server.search.start('words', ['here', 'nowhere', 'there']);
  await server.brings([9], 1, false);
  assert.deepEqual(server.last, { room: 'nowhere', q: 'words', limit: FOUND_AT_ONCE });
  await server.refuses('room_not_found');
  assert.equal(server.last.room, 'there');
  await server.brings([99], 1, false);
  assert.deepEqual([server.search.phase, server.search.found.map(({ room }) => room)], ['over', ['here', 'there']]);
});

test('what was deleted since is found no more', async () => {
  const server = new Asked();
  server.search.start('words', ['lobby']);
  await server.brings([9, 8], 1, false);
  server.search.update((found) => (found.seq === 9 ? null : found));
  assert.deepEqual(server.seqs, [8]);
});

/** @param {string} content @param {string} query */
function marked(content, query) {
  return excerptOf(content, query).map(({ text, isHit }) => (isHit ? `[${text}]` : text)).join('');
}

test('a query is words, and what stands in quotation marks', () => {
  assert.deepEqual(termsOf('  Two words "one  Phrase" und „noch eine“'), ['two', 'words', 'one phrase', 'und', 'noch eine']);
  assert.deepEqual(termsOf('same SAME "" “open end'), ['same', 'open end']);
});

test('what was looked for is marked, as the server finds it', () => {
  assert.equal(marked('The little house', 'HOUSE the'), '[The] little [house]');
  assert.equal(marked('Die Straße ist schön', 'strasse schon'), 'Die [Straße] ist [schön]');
  assert.equal(marked('Ёлка, приве\u0301т', 'елка ПРИВЕТ'), '[Ёлка], [приве\u0301т]');
  assert.equal(marked('Zoe\u0308 and Zoë', 'zoe'), '[Zoe\u0308] and [Zoë]');
  assert.equal(marked('ὈΔΟΣ οδός', 'οδος'), '[ὈΔΟΣ] [οδός]');
  assert.equal(marked('I don’t', "don't"), 'I [don’t]');
  assert.equal(marked('🙂 ok 🙂', 'ok'), '🙂 [ok] 🙂');
  assert.equal(marked('aaaa', 'aa a'), '[aaaa]');
  assert.equal(marked('two\n\n  lines here', '"two lines"'), '[two lines] here');
  assert.equal(marked('<b>&amp;', 'amp'), '<b>&[amp];');
  assert.equal(marked('nothing of it', 'else'), 'nothing of it');
});

test('of a long text the part around the first hit is shown, in whole words and characters', () => {
  const long = `${'word '.repeat(100)}needle${' word'.repeat(100)}`;
  const shown = marked(long, 'needle');
  assert.match(shown, /^… (word ){3,}\[needle\]( word)+ …$/);
  assert.ok(shown.length < 220, String(shown.length));
  assert.equal(marked(`needle ${'word '.repeat(100)}`, 'needle').slice(0, 12), '[needle] wor');
  const noSpaces = `${'👩‍👩‍👧'.repeat(80)}needle${'é'.normalize('NFD').repeat(300)}`;
  const [, before, , after] = excerptOf(noSpaces, 'needle').map(({ text }) => text);
  assert.ok(before.startsWith('👩') && noSpaces.includes(before), before);
  assert.ok(!/e$/.test(after), 'no letter without its accent');
});

test('what is said of a search is how far it is, and what it found', () => {
  const said = (/** @type {any} */ difference) => searchWords({ phase: 'over', count: 0, refusal: null, retentionMs: 86_400_000, ...difference });
  assert.equal(said({}), 'Nothing found in the last 24 hours');
  assert.equal(said({ count: 1 }), '1 message found in the last 24 hours');
  assert.equal(said({ retentionMs: Infinity }), 'Nothing found');
  assert.equal(said({ phase: 'idle' }), 'Words, or a “phrase” in quotation marks.');
  assert.equal(said({ phase: 'searching' }), 'Searching…');
  assert.equal(said({ phase: 'searching', count: 2 }), 'Searching further back…');
  assert.equal(said({ phase: 'searching', refusal: { code: 'not_connected' } }), 'Waiting for the connection…');
  assert.equal(said({ phase: 'searching', refusal: { code: 'rate_limited' } }), 'Searching goes on in a moment…');
  assert.equal(said({ phase: 'paused', count: 20 }), 'The newest 20 messages');
  assert.equal(said({ phase: 'refused', refusal: { code: 'empty', message: 'A search needs something.' } }), 'A search needs something.');
  assert.equal(progressWords(0), '');
  assert.equal(progressWords(12_300), '12,300 messages so far');
});

test('Ctrl or Cmd with Shift and F searches the room; without Shift the browser finds in the page', () => {
  const around = { isWriting: true, isModal: false, isMenuOpen: false, isBareOn: true, hasText: true, hasPointed: false };
  assert.equal(keyCommand({ key: 'F', ctrlKey: true, shiftKey: true }, around), 'search');
  assert.equal(keyCommand({ key: 'f', metaKey: true, shiftKey: true }, { ...around, isMenuOpen: true }), 'search');
  assert.equal(keyCommand({ key: 'f', ctrlKey: true }, around), null);
  assert.equal(keyCommand({ key: 'F', ctrlKey: true, shiftKey: true }, { ...around, isModal: true }), null);
});

test('of files that were found the names are shown in which the words stand', () => {
  const uploads = [{ name: 'Garden plan.pdf', type: 'application/pdf' }, { name: 'IMG_1.jpg', type: 'image/jpeg', alt: 'our garden' }];
  const shown = (/** @type {string} */ query) => foundFiles(uploads, query).map(({ text, isHit }) => (isHit ? `[${text}]` : text)).join('');
  assert.equal(shown('plan'), 'Garden [plan].pdf');
  assert.equal(shown('garden'), '[Garden] plan.pdf, our [garden]');
  assert.equal(shown('tomatoes').replace('\u00a0', ' '), '2 files');
});
