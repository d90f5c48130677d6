/** The files of a message in its row, from when it is written until others have it. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { haveSmallDom } from './small-dom.js';

haveSmallDom();
const { ShownFiles } = await import('../../static/js/page/files/shown-files.js');

/** A row with one's own file, before and after it was sent. @param {any} chosen @param {any} sent as the server tells it */
function rowOf(chosen, sent) {
  const key = `${chosen.name}-0`;
  const files = {
    bytes: new Map([[key, new Blob(['abc'], { type: chosen.type })]]), progress: new Map(), on: () => {}, fetch: async () => null,
    keyOf: (/** @type {string} */ id) => (id === sent.id ? key : null),
  };
  const by = { server: '', token: () => null };
  const shown = new ShownFiles(/** @type {any} */ ({ by, room: { files, removeFile: () => {} }, onProblem: () => {}, time: () => '' }));
  const show = (/** @type {string} */ state, /** @type {any} */ upload) => shown.show(/** @type {any} */ ({ state, clientId: 'a1', body: { uploads: [upload] } }));
  return {
    element: /** @type {any} */ (shown.element),
    write: () => show('waiting', { id: key, key, ...chosen }),
    arrive: () => show('sent', { ...chosen, width: undefined, height: undefined, ...sent }),
  };
}

const of = (/** @type {any} */ element) => ['picture-tile', 'file-tile', 'way'].map((name) => element.all(name).length);

test('a drawing that is shown here, and is a file to others, is one here too once it is sent', () => {
  const row = rowOf({ name: 'plan.svg', type: 'image/svg+xml', size: 3, width: 30, height: 20 }, { id: 'f1' });
  row.write();
  assert.deepEqual(of(row.element), [1, 0, 1]);
  row.arrive();
  assert.deepEqual(of(row.element), [0, 1, 0]);
});

test('a photo that this browser cannot show is one once the server has made it such, and comes from there', () => {
  const row = rowOf({ name: 'IMG_1.heic', type: 'image/heic', size: 3 }, { id: 'f2', type: 'image/jpeg', width: 30, height: 20, thumbs: [360] });
  row.write();
  assert.deepEqual(of(row.element), [0, 1, 1]);
  row.arrive();
  assert.deepEqual(of(row.element), [1, 0, 0]);
  assert.equal(row.element.all('picture-image')[0].src, '/files/f2/360');
});

test('a photo stays the same element, and is shown from its own bytes', () => {
  const row = rowOf({ name: 'a.jpg', type: 'image/jpeg', size: 3, width: 30, height: 20 }, { id: 'f3', width: 30, height: 20, thumbs: [360] });
  row.write();
  const [before] = row.element.all('picture-tile');
  row.arrive();
  assert.equal(row.element.all('picture-tile')[0], before);
  assert.match(row.element.all('picture-image')[0].src, /^blob:/);
});
