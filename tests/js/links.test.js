/** What of a text is an address and what is the sentence around it, in many scripts. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { linkify } from '../../static/js/page/form/linkify.js';

const UNSEEN = ['\u200b', '\u2060', '\u200e', '\u200f', '\u00ad', '\ufeff', '\u180e', '\u3164', '\uffa0', '\u115f', '\u2800', '\u{e0041}', '\u0007', '\ue000', '\ufffe', '\ufffc', '\ufffd', '\ud83d', '\u2028', '\u0085'];
/** Nothing by themselves; some join what stands around them to one sign. */
const PARTS_OF_SIGNS = ['\u200c', '\u200d', '\ufe0f', '\ufe0e', '\u034f', '\u{e0100}'];

/** Texts with their links in ⟦brackets⟧: all of one kind stand together. */
const VECTORS = {
  'an address ends with what is no part of one': [
    '⟦https://example.org/a?b=1#c⟧ ', '⟦http://example.org⟧', 'See ⟦https://example.org/a⟧\nand ⟦https://example.org/b⟧', '<⟦https://example.com⟧>', 'x ⟦https://example.org:8443/a⟧',
    '⟦https://example.org⟧: x', '⟦http://localhost:8000/chat/a⟧', '⟦http://my_service:8000/x⟧', '⟦http://127.0.0.1/⟧', '⟦http://[::1]:8080/a⟧', '⟦https://me@example.org/a⟧', '⟦HTTPS://EXAMPLE.ORG/A⟧',
    '⟦https://example.com./a⟧', '⟦https://a.example/x⟧"y', '⟦https://a.example/x⟧`', '⟦https://a.example/x⟧\\n',
  ],
  'the sentence’s punctuation is not the address’s': [
    'See ⟦https://example.org/a⟧.', '⟦https://example.org/a⟧, and', '⟦https://example.org/a⟧!?', '⟦https://example.org⟧.', '⟦https://example.org⟧...', '⟦https://example.org/a⟧…', '*⟦https://example.org/a⟧*', '_⟦https://example.org⟧_', '~⟦https://example.org/a⟧~',
    '⟦https://example.org/a⟧?', '|⟦https://example.org/a⟧|', '⟦https://example.org/a⟧; x',
    '⟦https://example.org/a.b,c;d:e⟧', '⟦https://maps.example/@48.2,16.3,12z⟧', '⟦https://example.org/a--b⟧', '⟦https://example.org/a/⟧',
  ],
  'brackets belong to the address when both do': [
    '(⟦https://example.org⟧)', '(⟦https://en.example.org/Foo_(bar)⟧)', '⟦https://en.example.org/Foo_(bar)⟧', '[⟦https://example.org/a⟧]', '{⟦https://example.org/a⟧}', '(see ⟦https://example.org/a⟧)好的', '[x](⟦https://example.org/a⟧)',
    '⟦https://example.org/a[1]=2⟧', '⟦https://example.org/{id}/x⟧', '⟦https://example.org/a⟧ (b)', '(⟦https://example.org/a⟧).',
  ],
  'what addresses have and grammars forbid': ['⟦https://example.org/?a=1|2⟧', '⟦https://example.org/a^b⟧', '⟦https://example.org/%E2%80%AE⟧', '⟦https://example.org/a$b!c+d=e&f⟧', '⟦https://example.org#a⟧', '⟦https://example.org?a⟧', '⟦https://example.org/#!/a⟧'],
  'an apostrophe within is part of it, quotes around are not': [
    '⟦https://en.wikipedia.org/wiki/Devil\'s_advocate⟧', '⟦https://en.wikipedia.org/wiki/Devil’s_advocate⟧', '\'⟦https://en.wikipedia.org/wiki/Devil\'s_advocate⟧\'', '\'⟦https://example.com/a⟧\'', '\'⟦https://a.example/x⟧\',\'⟦https://b.example/y⟧\'', '⟦https://a.example/Products(\'ABC\')⟧',
    '"⟦https://example.com/a⟧"', '“⟦https://example.com/a⟧”', '„⟦https://example.com/a⟧“', '«⟦https://example.com/a⟧»', '« ⟦https://example.com/a⟧ »', '»⟦https://example.com/a⟧«', '‹⟦https://example.com/a⟧›', '‘⟦https://example.com/a⟧’', '「⟦https://example.com/a⟧」', '『⟦https://example.com⟧』', '【⟦https://example.com/a⟧】', '《⟦https://example.com/a⟧》', '（⟦https://example.com/a⟧）', '〔⟦https://example.com/a⟧〕', '＂⟦https://example.com/a⟧＂', '″⟦https://example.com/a⟧″',
  ],
  'punctuation of other scripts ends it': [
    '⟦https://example.com/a⟧。', '⟦https://example.com/a⟧，', '⟦https://example.com/a⟧、', '⟦https://example.com/a⟧！', '⟦https://example.com/a⟧？', '⟦https://example.com/a⟧；', '⟦https://example.com/a⟧：', '⟦https://example.com/a⟧。次の文', '请看⟦https://example.com/a⟧，谢谢', '⟦https://example.com⟧。', '⟦https://example.com⟧｡', '⟦https://example.com/a⟧・',
    '⟦https://example.com/a⟧،', '⟦https://example.com/a⟧؟', '⟦https://example.com/a⟧؛', '⟦https://example.com/a⟧۔', '⟦https://example.com/a⟧।', '⟦https://example.com/a⟧॥', '⟦https://example.com/a⟧։', '⟦https://example.com/a⟧።', '⟦https://example.com/a⟧፣', '⟦https://example.com/a⟧།', '⟦https://example.com/a⟧។', '⟦https://example.com/a⟧၊', '⟦https://example.com/a⟧׃',
    '⟦https://example.com/a⟧—x', '⟦https://example.com/a⟧ — x', '⟦https://example.com⟧—x', '⟦https://example.com/a⟧―x', '⟦https://example.com/a⟧–', '⟦https://example.com/a⟧‼', '⟦https://example.com/a⟧⁉', '⟦https://example.com/a⟧→x', '⟦https://example.com/a⟧｜x', '⟦https://example.com/a⟧＞', '⟦https://example.com/a⟧\u3000x', '⟦https://example.com/a⟧\u00a0x',
  ],
  'what joins the words of other scripts is part of it': [
    '⟦https://en.wikipedia.org/wiki/Michelson–Morley_experiment⟧', '⟦https://ja.wikipedia.org/wiki/スター・ウォーズ⟧', '⟦https://ca.wikipedia.org/wiki/Col·lecció⟧', '⟦https://he.wikipedia.org/wiki/צה״ל⟧', '⟦https://he.wikipedia.org/wiki/בן־גוריון⟧', '⟦https://fa.wikipedia.org/wiki/پیاده\u200cروی⟧', '⟦https://hi.wikipedia.org/wiki/हिन्दी⟧', '⟦https://hi.wikipedia.org/wiki/हिन्दी⟧।', '⟦https://bo.example/བོད་ཡིག⟧', '⟦https://example.com/cafe\u0301⟧', '⟦https://example.com/🌻-花⟧', '⟦https://example.com/👩\u200d🚀⟧', '⟦https://example.com/❤\ufe0f⟧', '⟦https://example.com/👍🏽⟧',
  ],
  'a host ends where its script does': [
    '⟦https://example.com⟧👍', '⟦https://example.com⟧を見て', '见⟦https://example.com⟧吧', '⟦https://example.com⟧에서', '⟦https://example.com⟧\u200cها', '⟦https://example.com⟧ко', '⟦https://例え.テスト⟧', '⟦https://bücher.example/ä⟧', '⟦https://почта.рф⟧.', '⟦https://почта.рф/а⟧', '⟦https://مثال.إختبار⟧،', '⟦https://उदाहरण.परीक्षा⟧।', '⟦https://xn--bcher-kva.example⟧', '⟦https://xn--e1afmkfd.xn--p1ai/a⟧', '⟦https://example.com⟧_', '⟦https://example.com⟧-', '⟦https://example.com:8080⟧に',
  ],
  'what is not seen ends it': [...UNSEEN, ...PARTS_OF_SIGNS].flatMap((unseen) => [`⟦https://example.com/a⟧${unseen}`, `⟦https://example.com⟧${unseen}`]),
  'and what stands behind it is not part of it': UNSEEN.map((unseen) => `⟦https://example.com/a⟧${unseen}b`),
  'what turns a line around ends it': ['\u202a', '\u202b', '\u202c', '\u202d', '\u202e', '\u2066', '\u2067', '\u2068', '\u2069', '\u061c']
    .flatMap((control) => [`${control}⟦https://evil.example/moc.knab.www//:sptth⟧`, `⟦https://evil.example/⟧${control}moc.knab.www//:sptth`, `⟦https://evil.example⟧${control}.knab.www`, `⟦https://evil.example/?a=⟧${control}b`]),
  'another address begins another link': [
    '⟦https://a.example⟧,⟦https://b.example⟧', '⟦https://a.example/x⟧,⟦https://b.example/y⟧', '⟦https://a.example/x⟧;⟦http://b.example⟧', '⟦https://a.example⟧|⟦https://b.example⟧', '⟦https://a.example/x⟧⟦https://b.example⟧', '⟦https://a.example⟧⟦https://b.example⟧', '⟦https://a.example/x⟧、⟦https://b.example⟧', '⟦https://a.example/x⟧\u200b⟦https://b.example⟧', '(⟦https://a.example/x⟧)(⟦https://b.example⟧)',
    '⟦https://web.archive.org/web/2020/https://example.com/⟧', '⟦https://a.example/?u=https://b.example/x⟧', '⟦https://a.example/#https://b.example⟧', '⟦https://a.example/x⟧,⟦www.b.example⟧',
  ],
  'where people leave the scheme out it is https': [
    'See ⟦www.example.org/a?b⟧, or (⟦WWW.example.co.uk⟧).', '见⟦www.example.com⟧。', 'を⟦www.example.com⟧を', '“⟦www.example.com⟧”', '⟦www.bücher.example⟧', '⟦www.example.com:8080/x⟧', '⟦www.example.com⟧👍', '\u202e⟦www.example.com/a⟧',
  ],
  'nothing else becomes a link': [
    'javascript:alert(1)', 'JaVaScRiPt:alert(1)', 'data:text/html,<script>alert(1)</script>', 'vbscript:x', 'file:///etc/passwd', 'blob:https//x', 'mailto:a@example.org', 'ftp://example.org', 'https://', 'http:// example.org', 'https://[', 'https://[x]', 'https://.', 'https://-', 'https:///a', 'https://?', 'https://#', 'https://\u202eexample.org',
    'www.example', 'www..org', 'www.', 'notwww.example.org', 'иwww.example.org', 'a@www.example.org', 'javascript:www.example.org', '//www.example.org', '//example.org', '<a href="x">', '', 'https://256.256.256.256/', 'www.example.org@evil.example',
  ],
};

/** @param {string} text */
const marked = (text) => linkify(text).map(({ text: piece, href }) => (href === null ? piece : `⟦${piece}⟧`)).join('');

for (const [promise, vectors] of Object.entries(VECTORS)) {
  test(promise, () => {
    const found = vectors.map((vector) => marked(vector.replaceAll(/[⟦⟧]/g, '')));
    assert.deepEqual(found, vectors);
  });
}

test('a link’s address is always http or https, whatever surrounds it', () => {
  for (const text of ['javascript:https://example.org', 'https://example.org"onclick="alert(1)', "https://example.org'><script>", 'x https://a@b:c@example.org/', 'www.example.org"onclick=alert(1)', 'www.example.org@evil.example/']) {
    for (const { href } of linkify(text)) assert.match(href ?? 'https://none', /^https?:\/\/[^\s"<>]+$/);
  }
});

test('the pieces of a text are the text', () => {
  const texts = ['', 'plain', 'a https://x.org b', '(https://x.org).', 'https://x.orghttps://y.org', ' \n https://x.org\n', ...Object.values(VECTORS).flat()];
  for (const text of texts) assert.equal(linkify(text).map((piece) => piece.text).join(''), text);
});

test('a long text is searched in no time', () => {
  const longest = ['https://'.repeat(500), 'www.'.repeat(1_000), `https://${'a.'.repeat(1_990)}`, `https://${'a'.repeat(3_980)}`, `https://${'あ'.repeat(3_980)}`, `https://x.org/${"'".repeat(3_980)}`, `https://x.org/${'a\u200d'.repeat(1_990)}`, ...'([{.,)'.split('').map((sign) => `https://x.org/${sign.repeat(3_980)}`)];
  for (const text of longest) {
    const before = process.cpuUsage(); // of which other programs take nothing
    for (let n = 0; n < 10; n += 1) linkify(text);
    assert.ok(process.cpuUsage(before).user < 500_000, text.slice(0, 20));
  }
});
