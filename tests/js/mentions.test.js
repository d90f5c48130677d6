/** Whom a text calls, what that is to the one who is called, and where it stands in the text. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { calledAt, calledBy, EVERYBODY, mentionsIn } from '../../static/js/chat/messages/mentions.js';
import { formOf } from '../../static/js/page/form/form.js';
import { withMentions } from '../../static/js/page/form/mention-parts.js';
import { partsOf } from '../../static/js/page/form/parts.js';
import { noticeOf } from '../../static/js/page/notifications/notifier.js';
import { mentionCount, titleOf } from '../../static/js/page/reading/unread.js';

/** @type {{people: {id: string, name: string}[], calls: {text: string, mentions: {id: string, name: string}[]}[]}} */
const VECTORS = JSON.parse(readFileSync(new URL('../vectors/texts/mentions.json', import.meta.url), 'utf8'));
const PEOPLE = [...VECTORS.people, EVERYBODY];

test('a text calls those whose names stand in it, the longest name first', () => {
  for (const { text, mentions } of VECTORS.calls) assert.deepEqual(mentionsIn(text, PEOPLE), mentions, text);
});

test('of two people of one name the first is called, and never more than twenty', () => {
  assert.deepEqual(mentionsIn('@Ana', [{ id: 'u_1', name: 'ana' }, { id: 'u_2', name: 'Ana' }]), [{ id: 'u_1', name: 'Ana' }]);
  const many = Array.from({ length: 30 }, (_, number) => ({ id: `u_${number}`, name: `n${number}` }));
  assert.equal(mentionsIn(many.map(({ name }) => `@${name}`).join(' '), many).length, 20);
});

test('a text of signs alone takes no time', () => {
  const began = process.cpuUsage().user;
  mentionsIn('@'.repeat(4_000), Array.from({ length: 200 }, (_, number) => ({ id: `u_${number}`, name: `name ${number}` })));
  assert.ok(process.cpuUsage().user - began < 1_000_000);
});

/** @param {string} text */
const shown = (text, me = 'u_ana') => withMentions(formOf(text).some((part) => typeof part !== 'string') ? partsOf(text) : [text], mentionsIn(text, PEOPLE), me);

test('who is called stands out in the text, of which nothing is lost', () => {
  assert.deepEqual(shown('hi @Ana and @Ann!'), ['hi ', { kind: 'ownMention', parts: ['@Ana'] }, ' and ', { kind: 'mention', parts: ['@Ann'] }, '!']);
  assert.deepEqual(shown('@here'), [{ kind: 'ownMention', parts: ['@here'] }]);
  assert.deepEqual(shown('nobody'), ['nobody']);
});

test('in code and in links nobody is called', () => {
  const mentions = [{ id: 'u_ana', name: 'Ana' }];
  assert.deepEqual(withMentions(partsOf('`@Ana`'), mentions, 'u_x'), partsOf('`@Ana`'));
  const [bold] = /** @type {import('../../static/js/page/form/link-parts.js').FormPart[]} */ (withMentions(partsOf('**@Ana**'), mentions, 'u_x'));
  assert.deepEqual(bold.parts[1], { kind: 'mention', parts: ['@Ana'] });
});

test('a message calls one where it was said, or by the edit that did', () => {
  const message = { seq: 4, author: { id: 'u_ben' }, body: { content: '@Ana', mentions: [{ id: 'u_ana', name: 'Ana' }] } };
  assert.equal(calledAt(message, 'u_ana'), 4);
  assert.equal(calledAt(message, 'u_cy'), null);
  assert.equal(calledAt({ ...message, author: { id: 'u_ana' } }, 'u_ana'), null);
  assert.equal(calledAt({ ...message, seq: null }, 'u_ana'), null);
  assert.equal(calledAt({ ...message, body: { mentions: [{ ...EVERYBODY, since: 9 }] } }, 'u_cy'), 9);
  assert.equal(calledAt({ ...message, body: { deleted: { at: 1, by: 'author' } } }, 'u_ana'), null);
});

test('an edit calls those who are new in it, and nobody a second time', () => {
  const user = { id: 'u_ben', name: 'Ben' };
  const edit = { room: 'lobby', seq: 9, type: 'edit', id: 'e', ts: 1, user, body: { target: { seq: 4, id: 'm' }, content: '@Ana @Cy', mentions: [{ id: 'u_ana', name: 'Ana' }, { id: 'u_cy', name: 'Cy', since: 9 }] } };
  assert.deepEqual(calledBy(edit, 'u_cy'), { seq: 4, at: 9, author: user, content: '@Ana @Cy' });
  assert.equal(calledBy(edit, 'u_ana'), null);
  assert.equal(calledBy({ ...edit, user: { id: 'u_cy', name: 'Cy' } }, 'u_cy'), null);
  assert.equal(calledBy({ ...edit, seq: 12 }, 'u_cy'), null);
});

test('mentions are counted apart from what is unread, and stand in the title', () => {
  const line = (/** @type {number} */ seq, since = 0) => /** @type {any} */ ({ kind: 'message', seq, author: { id: 'u_ben' }, body: { mentions: [{ id: 'u_ana', name: 'Ana', ...(since ? { since } : {}) }] } });
  const state = { lines: [line(1), line(2, 8), line(3)], read: 2, me: 'u_ana', opened: { read: 0, mentions: 0 } };
  assert.equal(mentionCount(state), 2);
  assert.equal(mentionCount({ ...state, opened: { read: 2, mentions: 7 } }), 7, 'what is not loaded, too');
  assert.equal(mentionCount({ ...state, read: 8 }), 0);
  assert.deepEqual([titleOf('lobby', 3, 1), titleOf('lobby', 0, 2), titleOf('lobby', 0, 120)], ['(@1 · 3) lobby', '(@2) lobby', '(@99+) lobby']);
});

test('a notification says that one is mentioned', () => {
  const told = { seq: 1, user: { id: 'u_ben', name: 'Ben' }, body: { content: '@Ana' }, isCall: true };
  assert.equal(noticeOf({ base: '', room: 'garden' }, [told]).title, 'Ben mentions you in garden');
  assert.equal(noticeOf({ base: '', room: 'garden' }, [told, { ...told, isCall: false }]).title, '2 new messages, you are mentioned, in garden');
});
