/** Files in words, and what they are called. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { TrayQueue } from '../../static/js/page/composer/tray-queue.js';
import { isOfFiles } from '../../static/js/page/composer/given-files.js';
import { chosenProblem } from '../../static/js/page/files/chosen-problem.js';
import { properDescription, properFileName } from '../../static/js/page/files/file-names.js';
import { sizeInWords } from '../../static/js/page/files/size-words.js';
import { withdrawnWords } from '../../static/js/page/files/withdrawn-words.js';
import { announcement } from '../../static/js/page/notices/announcer.js';
import { noticeOf } from '../../static/js/page/notifications/notifier.js';
import { filesInWords, quotedWords, saidIn } from '../../static/js/page/text/files-words.js';

const PHOTO = { type: 'image/jpeg' };
const FILE = { type: 'text/csv' };
const plain = (/** @type {string} */ text) => text.replace(/[\u2066-\u2069]/g, '');

test('files are called what they all are', () => {
  const cases = /** @type {[any[], string][]} */ ([
    [[PHOTO], 'a photo'], [[PHOTO, PHOTO], '2 photos'], [[FILE], 'a file'], [[PHOTO, FILE], '2 files'],
    [[{ type: 'video/mp4' }], 'a video'], [[{ type: 'audio/ogg' }], 'a recording'],
  ]);
  for (const [files, words] of cases) assert.equal(filesInWords(files).replace('\u00a0', ' '), words);
});

test('a message without words says what was sent, and what one picture shows', () => {
  assert.equal(saidIn({ content: 'look', uploads: [PHOTO] }), 'look, with a photo');
  assert.equal(saidIn({ content: 'look', uploads: [] }), 'look');
  assert.equal(saidIn({ content: '', uploads: [PHOTO] }), 'sent a photo');
  assert.equal(saidIn({ content: '', uploads: [{ ...PHOTO, alt: 'a cat' }] }), 'sent a photo: a cat');
  assert.equal(saidIn({}), '');
});

test('what is answered is quoted in the same words before and after it is sent', () => {
  const cases = /** @type {[string, number, string][]} */ ([['look', 0, 'look'], ['look', 1, 'look · 1 file'], ['', 3, '3 files']]);
  for (const [excerpt, files, words] of cases) assert.equal(quotedWords(excerpt, files).replace('\u00a0', ' '), words);
});

test('who does not see the page hears and is told that a photo came', () => {
  const heard = announcement([{ author: 'Ana', content: '', uploads: [PHOTO] }]);
  assert.equal(plain(heard.map(({ text }) => text).join('')), 'Ana sent a photo');
  const both = announcement([{ author: 'Ana', content: 'look', uploads: [PHOTO, FILE] }]);
  assert.equal(plain(both.map(({ text }) => text).join('')).replace('\u00a0', ' '), 'Ana: look, with 2 files');
  const event = /** @type {any} */ ({ user: { id: 'u', name: 'Ana' }, body: { content: '', uploads: [PHOTO] } });
  assert.equal(noticeOf({ base: '', room: 'lobby' }, [event]).options.body, 'sent a photo');
});

test('what was chosen and cannot be sent is told with every reason', () => {
  const [empty, large, fine] = [{ name: 'nothing.txt', size: 0 }, { name: 'film.mp4', size: 2_097_152 }, { name: 'a.txt', size: 1 }];
  const room = { maxBytes: 1_048_576, most: 2, held: 1 };
  assert.equal(chosenProblem([fine], room), '');
  assert.equal(chosenProblem([fine, empty], room), 'There is nothing in “nothing.txt”.');
  assert.equal(
    chosenProblem([fine, empty, large, fine], room).replaceAll('\u00a0', ' '),
    '“film.mp4” is too large: it has 2.0 MB, and a file has at most 1.0 MB here. There is nothing in “nothing.txt”. A message has at most 2 files. The others are left out.',
  );
});

test('a pasted file is a file, unless its text was copied with a form', () => {
  assert.equal(isOfFiles(['Files']), true);
  assert.equal(isOfFiles(['Files', 'text/html']), true);
  assert.equal(isOfFiles(['text/plain', 'Files']), true);
  assert.equal(isOfFiles(['text/plain', 'text/html', 'Files']), false);
  assert.equal(isOfFiles(['text/plain', 'text/rtf', 'Files']), false);
  assert.equal(isOfFiles(['text/plain']), false);
});

test('a size is told as people say it', () => {
  const cases = /** @type {[number, string][]} */ ([
    [1, '1 byte'], [999, '999 bytes'], [3_100, '3.0 KB'], [26_214_400, '25 MB'], [1_610_612_736, '1.5 GB'], [2_048_000, '2.0 MB'],
  ]);
  for (const [bytes, words] of cases) assert.equal(sizeInWords(bytes).replace('\u00a0', ' '), words);
});

test('a file is called as the server takes it', () => {
  const cases = /** @type {[string, string][]} */ ([
    ['IMG_1.jpg', 'IMG_1.jpg'], ['../../etc/passwd', '.._.._etc_passwd'], ['a\u202egpj.exe', 'agpj.exe'], ['line\r\nbreak.txt', 'linebreak.txt'],
    ['..', 'file'], ['', 'file'], ['two\u2028lines', 'twolines'], ['\ud83d.png', '.png'], ['e\u0301.txt', 'é.txt'],
  ]);
  for (const [given, name] of cases) assert.equal(properFileName(given), name);
  assert.equal(properDescription(' a \u202ecat\r\nand a dog\u0000 '), 'a cat\nand a dog');
  const long = properFileName(`${'ä'.repeat(300)}.jpeg`);
  assert.ok(new TextEncoder().encode(long).length <= 255 && long.endsWith('ä.jpeg'));
});

/** What is done in a tray that comes when there is a connection. */
function slowTray() {
  const said = /** @type {string[]} */ ([]);
  const page = { isOnline: false, problems: 0, said };
  const queue = new TrayQueue({
    load: async () => {
      if (!page.isOnline) throw new Error('no connection');
      return said;
    },
    onProblem: () => (page.problems += 1),
  });
  return { page, queue };
}

test('files that are given while what shows them cannot come are in the tray before anything is sent', async () => {
  const { page, queue } = slowTray();
  assert.equal(await queue.do((tray) => tray.push('one')), false);
  assert.equal(await queue.finish(), false);
  assert.deepEqual([queue.isDone, page.problems, page.said], [false, 2, []]);

  page.isOnline = true;
  assert.equal(await queue.do((tray) => tray.push('two')), true);
  assert.deepEqual([queue.isDone, page.said], [true, ['one', 'two']]);
});

test('two who wait for the files wait for the same, and nothing is done twice', async () => {
  const { page, queue } = slowTray();
  page.isOnline = true;
  const slow = queue.do(async (tray) => {
    await null;
    tray.push('one');
  });
  assert.deepEqual(await Promise.all([slow, queue.do((tray) => tray.push('two')), queue.finish()]), [true, true, true]);
  assert.deepEqual(page.said, ['one', 'two']);
});

test('of chosen files that are not here any more it is said why, unless that is known', () => {
  const DAY_MS = 86_400_000;
  const now = 100 * DAY_MS;
  const [old, older] = ['a.csv', 'b.csv'].map((name, place) => ({ file: { key: name, name }, at: now - DAY_MS - place }));
  const fresh = { file: { key: 'c', name: 'c.csv' }, at: now - DAY_MS + 1 };
  const said = (/** @type {(typeof old)[]} */ files, elsewhere = /** @type {(typeof old)[]} */ ([])) => (
    withdrawnWords(files, { isElsewhere: (file) => elsewhere.includes(file), now, retentionMs: DAY_MS })
  );
  assert.equal(said([old]), '“a.csv” is not here any more: what is not sent goes after 24 hours, as messages do.');
  assert.equal(said([old, older]), '2 files are not here any more: what is not sent goes after 24 hours, as messages do.');
  assert.equal(said([fresh, old], [fresh, old]), 'What you chose here is in another tab of this room now.');
  assert.equal(said([fresh, old], [fresh]), `${said([fresh], [fresh])} ${said([old])}`);
  assert.equal(said([fresh]), '');
  assert.equal(said([]), '');
});
