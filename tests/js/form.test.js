/** What of a text is markup, and that nothing of it is lost or takes long. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { isEmojiAlone } from '../../static/js/page/form/emoji-alone.js';
import { formOf, isFormed, prepareForm } from '../../static/js/page/form/form.js';
import { partsOf } from '../../static/js/page/form/parts.js';

/** @typedef {import('../../static/js/page/form/link-parts.js').Part} Part */

/** Each kind in brackets of its own; what is not shown in braces. @type {Record<string, string>} */
const TAGS = {
  bold: 'b', italic: 'i', strike: 's', code: 'c', block: 'pre', quote: 'q', bullets: 'ul', numbers: 'ol', item: 'li', table: 't', row: 'r', cell: 'd', link: 'a',
};
/** @param {Part[]} parts @returns {string} */
const marked = (parts) => parts.map((part) => {
  if (typeof part === 'string') return part;
  return part.kind === 'mark' ? `{${marked(part.parts)}}` : `<${TAGS[part.kind]}>${marked(part.parts)}</${TAGS[part.kind]}>`;
}).join('');
/** @param {Part[]} parts @returns {string} */
const typed = (parts) => parts.map((part) => (typeof part === 'string' ? part : typed(part.parts))).join('');

const FORMS = [
  ['**bold** *it* _it_ ~~no~~ `c*d*`', '<b>{**}bold{**}</b> <i>{*}it{*}</i> <i>{_}it{_}</i> <s>{~~}no{~~}</s> {`}<c>c*d*</c>{`}'],
  ['***both*** **b _i_** (*x*) “*q*” *it*’s', '<i>{*}<b>{**}both{**}</b>{*}</i> <b>{**}b <i>{_}i{_}</i>{**}</b> (<i>{*}x{*}</i>) “<i>{*}q{*}</i>” <i>{*}it{*}</i>’s'],
  ['**a\nb**', '<b>{**}a\nb{**}</b>'],
  ['これは**太字**です', 'これは<b>{**}太字{**}</b>です'],
  ['> q1\n> q2\nafter', '<q>{> }q1\n{> }q2</q>{\n}after'],
  ['- a\n  - b\n- d\nThat', '<ul><li>{- }a{\n  }<ul><li>{- }b</li></ul>{\n}</li><li>{- }d</li></ul>{\n}That'],
  ['1. a\n2. b\n   more\n\ntext', '<ol><li>{1. }a{\n}</li><li>{2. }b\n{   }more</li></ol>{\n\n}text'],
  ['> - a\n> - b\n> t', '<q>{> }<ul><li>{- }a{\n> }</li><li>{- }b</li></ul>{\n}{> }t</q>'],
  ['x\n```js\n\ta\n\n  y```\nz', 'x{\n}<pre>{```js\n}\ta\n\n  y{```}</pre>{\n}z'],
  ['- x\n  ```\n  code\n    in\n  ```', '<ul><li>{- }x{\n  }<pre>{```\n  }code\n{  }  in{\n  ```}</pre></li></ul>'],
  ['```one line```', '{```}<c>one line</c>{```}'],
  ['[w **o**](https://x.y/z_(a)_b)', '{[}<a>w <b>{**}o{**}</b></a>{](https://x.y/z_(a)_b)}'],
  ['see https://x.org/(_foo_)_*a* ok', 'see <a>https://x.org/(_foo_)_*a</a>* ok'],
  ['**https://example.com**', '<b>{**}<a>https://example.com</a>{**}</b>'],
  ['a\tb\nc\td\nend', '<t><r><d>a{\t}</d><d>b{\n}</d></r><r><d>c{\t}</d><d>d</d></r></t>{\n}end'],
];

test('what people mean as markup is shown in its form', () => {
  for (const [text, shown] of FORMS) assert.equal(marked(partsOf(text)), shown);
});

const AS_TYPED = [
  'snake_case_name 2*3*4 a**b**c __init__ and __name__', '¯\\_(ツ)_/¯ *_* ^_^ >_< -_- (*_*) >:( \\*/', 'ls *.c *.h /usr/*/lib/* **/*.js', 'f(*args, **kwargs)',
  'it`s and that`s', 'C:\\_new\\*', '2 ** 3 ** 4', '5* and 4*', '***', '---', '****', '# h', '<b>x</b> &lt;&amp;', '  in\n    dented\n\n\nend ', '-', '5.', '>', '+ 1', '1) a\n2) b',
  '2024. A good year', '\ta\n\tb', '[x] [a][b] [c]: d', '[c](javascript:alert(1)) ![i](x)', '~~~\nx\n~~~', '```', '$a_1 + b_2$', 'a > b * c < d * e',
];

test('what is no markup stays as it was typed', () => {
  for (const text of AS_TYPED) assert.equal(marked(partsOf(text)), text);
});

test('the words of a link never say another address', () => {
  assert.equal(marked(partsOf('[https://a.b](https://c.d)')), '[<a>https://a.b</a>](<a>https://c.d</a>)');
  assert.equal(marked(partsOf('[bank.com](https://evil.com)')), '[bank.com](<a>https://evil.com</a>)');
  assert.equal(marked(partsOf('[my **www.bank.com** page](https://evil.com)')), '[my <b>{**}<a>www.bank.com</a>{**}</b> page](<a>https://evil.com</a>)');
  assert.equal(marked(partsOf('[docs.org](https://www.docs.org/x)')), '{[}<a>docs.org</a>{](https://www.docs.org/x)}');
  assert.equal(marked(partsOf('[a [b](https://c.d) e](https://f.g)')).match(/<a>/g)?.length, 2);
});

const PIECES = ['*', '**', '_', '~~', '`', '```', '\n', '\n\n', '> ', '>', '- ', '1. ', '[', ']', '(', ')', '](https://a.b)', 'https://x.y/_a_', '\t', ' ', 'a', 'b c', 'é', '漢', '😀', '\r', '\u2028'];

test('nothing of what was typed is lost or changes its place', () => {
  let seed = 1;
  const chance = () => (seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648) / 2_147_483_648;
  for (let run = 0; run < 5_000; run += 1) {
    const text = Array.from({ length: 1 + chance() * 25 }, () => PIECES[Math.floor(chance() * PIECES.length)]).join('');
    assert.equal(typed(partsOf(text)), text);
  }
});

/** @param {string} piece @param {number} length */
const filled = (piece, length = 4_000) => piece.repeat(Math.ceil(length / piece.length)).slice(0, length);
/** @param {number} length */
const nested = (length) => `${filled('*_', length / 2)}a${[...filled('*_', length / 2)].reverse().join('')}`;
const BOMBS = [
  '*', '**', ' *a', 'a* ', '*a* ', '_a_ ', '`', 'a` ', ' `a ``b ```c', '[', ']', '[a](', '](http://a.b)', '[https://a.b](http://c.d)', '[a](http://a.b) ', '> ', '>', '- ', '- a\n',
  ' - a\n', '> a\n', '1. a\n', '```\na\n', '```\n', '~~a~~ ', '~~', '*_', '**_a ', 'http://a.b ', 'www.', 'a\tb\n', '\n', '[a](((((', '漢*字*', '- > ', '*a\n',
];

test('any 4,000 characters are read within milliseconds, and twice as many take no more than twice as long', () => {
  for (const [name, bomb] of /** @type {[string, (length: number) => string][]} */ ([...BOMBS.map((piece) => [piece, (/** @type {number} */ length) => filled(piece, length)]), ['nested', nested]])) {
    const least = (/** @type {string} */ text) => Math.min(...Array.from({ length: 9 }, () => timed(() => partsOf(text))));
    const took = least(bomb(4_000));
    assert.ok(took <= 5, `${JSON.stringify(name)} took ${took.toFixed(1)} ms`);
    const more = least(bomb(8_000));
    assert.ok(more <= 3 * took + 1, `${JSON.stringify(name)}: ${took.toFixed(2)} ms, ${more.toFixed(2)} ms for twice as much`);
  }
});

/** @param {Part[]} parts @returns {number} */
const depth = (parts) => Math.max(0, ...parts.map((part) => (typeof part === 'string' ? 0 : 1 + depth(part.parts))));

/** By the processor's clock: whoever shares the machine is not measured. @param {() => void} work */
function timed(work) {
  const start = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1_000;
}

test('a form is not deeper than anybody reads', () => {
  for (const piece of ['> ', '- ', '- > ', '1. ']) assert.ok(depth(partsOf(`${piece.repeat(100)}a`)) < 20);
  const signs = Array.from({ length: 60 }, (_, at) => (at % 2 ? '*' : '_'));
  assert.ok(depth(partsOf(`${signs.join('')}a${signs.reverse().join('')}`)) < 20);
});

test('the parser is asked only for texts that may need it', async () => {
  const plain = ['hello', 'snake_case 2*3', 'https://a.b/c', 'a - b', 'well… (ok)', '5.5 > 3', 'one\ntwo'];
  assert.deepEqual(plain.filter(isFormed), []);
  assert.deepEqual(FORMS.map(([text]) => text).filter((text) => !isFormed(text) && text !== 'see https://x.org/(_foo_)_*a* ok'), []);
  assert.deepEqual(formOf('**hi**'), ['**hi**']);
  await prepareForm(['**hi**']);
  assert.deepEqual(formOf('**hi**'), [{ kind: 'bold', parts: [{ kind: 'mark', parts: ['**'] }, 'hi', { kind: 'mark', parts: ['**'] }] }]);
});

test('what is shown of it keeps the lines apart', () => {
  assert.equal(shownOf(partsOf('x\n- **a**\n- b\n\nc')), 'x\na\nb\n\nc');
});

/** @param {import('../../static/js/page/form/link-parts.js').Part[]} parts @returns {string} */
function shownOf(parts) {
  return parts.map((part) => {
    if (typeof part === 'string') return part;
    return part.kind === 'mark' ? shownOf(part.parts).replace(/[^\n]/g, '') : shownOf(part.parts);
  }).join('');
}

test('up to three emoji alone are large, and nothing else', () => {
  const large = ['👍', '❤️', '👍🏽', '🇩🇪', '1️⃣', '👩‍👩‍👧', '🏴󠁧󠁢󠁥󠁮󠁧󠁿', '🎉🎉🎉', ' 🍅 🌱 ', '🏳️‍🌈', '❤️‍🔥'];
  const usual = ['', ' ', '👍👍👍👍', 'a', '5', '1', '#', '©', '™', '👍 ok', '❤', '🇩', '\u200d', '*️', '🏽x'];
  assert.deepEqual(large.filter((text) => !isEmojiAlone(text)), []);
  assert.deepEqual(usual.filter(isEmojiAlone), []);
});
