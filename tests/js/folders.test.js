/** The scripts' layers: what is imported, at once, later or as a type, lies below; nothing goes round in a circle. */

import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join, normalize, relative } from 'node:path';
import { test } from 'node:test';

const ROOT = new URL('../../static/js/', import.meta.url).pathname;

/** Of each folder, top first: a layer knows those below it, and what shares one does not know each other. */
const LAYERS = {
  '': [['embed.js', 'theme.js'], ['page'], ['chat']],
  page: [
    ['who.js', 'landing.js'],
    ['chat.js'],
    ['room-page.js', 'landing'],
    ['header'],
    ['actions'],
    ['composer', 'notices', 'notifications', 'rooms', 'search'],
    ['reading'],
    ['timeline'],
    ['invite', 'messages'],
    ['files'],
    ['emoji', 'form', 'identity', 'people'],
    ['storage'],
    ['browser', 'text'],
    ['dom'],
  ],
  chat: [['index.js'], ['room.js'], ['attendance', 'messages', 'reading'], ['uploads'], ['connection'], ['timing'], ['emitter.js', 'types.js']],
};

/** A path that stands after “from” or “import”, with or without a bracket: also in the comments that say types. */
const IMPORTED = /\b(?:from|import)[\s(]+'(\.{1,2}\/[^']+)'/g;

/** @type {Map<string, string[]>} by file, below the root */
const IMPORTS = new Map(filesIn(ROOT).map((file) => [file, importsOf(file)]));

for (const [folder, layers] of Object.entries(LAYERS)) {
  test(`everything in “static/js/${folder}” has its layer`, () => {
    assert.deepEqual(readdirSync(join(ROOT, folder)).sort(), layers.flat().sort());
  });

  test(`in “static/js/${folder}” imports point down`, () => {
    const layerOf = (/** @type {string} */ file) => layers.findIndex((layer) => layer.includes(partOf(file, folder)));
    const crossing = importsWithin(folder).filter(([from, to]) => partOf(from, folder) !== partOf(to, folder));
    assert.deepEqual(crossing.filter(([from, to]) => layerOf(from) >= layerOf(to)), []);
  });
}

test('no script needs itself', () => {
  assert.deepEqual([...IMPORTS.keys()].filter((file) => neededBy(file).has(file)), []);
});

/** @param {string} folder @returns {string[]} */
function filesIn(folder) {
  const names = /** @type {string[]} */ (readdirSync(folder, { recursive: true }));
  return names.filter((name) => name.endsWith('.js')).sort();
}

/** @param {string} file */
function importsOf(file) {
  const paths = [...readFileSync(join(ROOT, file), 'utf8').matchAll(IMPORTED)].map(([, path]) => normalize(join(file, '..', path)));
  return paths.filter((path) => !path.startsWith('..'));
}

/** @param {string} folder */
function importsWithin(folder) {
  const isIn = (/** @type {string} */ file) => !relative(folder, file).startsWith('..');
  return [...IMPORTS].flatMap(([from, all]) => all.filter((to) => isIn(from) && isIn(to)).map((to) => [from, to]));
}

/** Itself or the folder that holds it, right below this one. @param {string} file @param {string} folder */
function partOf(file, folder) {
  return relative(folder, file).split('/')[0];
}

/** All that a file imports, and that imports. @param {string} file */
function neededBy(file) {
  const needed = /** @type {Set<string>} */ (new Set());
  const waiting = [file];
  for (const next of waiting) {
    const fresh = (IMPORTS.get(next) ?? []).filter((path) => !needed.has(path));
    for (const path of fresh) needed.add(path);
    waiting.push(...fresh);
  }
  return needed;
}
