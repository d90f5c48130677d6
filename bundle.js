/**
 * What people load: the page's scripts and styles in bundles, and its pictures, made from what lies in static/ into static/dist by
 * `make setup` and by the image. Nothing of it is needed to read the code or to test it.
 *
 * A name holds a fingerprint of what is in the file, so that a browser may keep it for ever and an upgrade costs what has
 * changed. dist/manifest.json says for each entry where it was written, which file it has become, and what that needs at once.
 */

import { build } from 'esbuild';
import { gemoji } from 'gemoji';
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const STATIC = 'static';
const DIST = join(STATIC, 'dist');

/** Libraries, as the sources find them. */
const VENDOR = {
  'uqr.js': 'node_modules/uqr/dist/index.mjs',
};
/** Of some only a part is wanted, or they are many files: that part, in one. */
const PARTS_OF_LIBRARIES = {
  'markdown.js': "export { InlineContext, parser } from '@lezer/markdown';",
  'socket.io.js': "export { io } from 'socket.io-client';",
};
/** Every page by itself: what two of them have in common would come in a file more to each. */
const PAGES = { 'who.js': 'js/page/who.js', 'landing.js': 'js/page/landing.js' };
/** One file each, whatever they import: a script that is no module, and the one that other sites name. */
const ALONE = { 'theme.js': 'js/theme.js', 'embed.js': 'js/embed.js' };
const STYLES = {
  'room.css': 'css/pages/room.css',
  'landing.css': 'css/pages/landing.css',
  'error.css': 'css/pages/error.css',
  'docs.css': 'css/pages/docs.css',
  'no-script.css': 'css/no-script.css',
};
/** Those that pages name; as they are. */
const PICTURES = {
  'icon.svg': 'icon.svg',
  'icon-unread.svg': 'icon-unread.svg',
  'icon-192.png': 'icon-192.png',
  'wide-light.webp': 'look/wide-light.webp',
  'wide-dark.webp': 'look/wide-dark.webp',
  'narrow-light.webp': 'look/narrow-light.webp',
  'narrow-dark.webp': 'look/narrow-dark.webp',
};
/** What is opened now and then shares much with the views, of which this one imports all. */
const VIEWS = 'js/page/room-page.js';
/** What every room needs, behind what is shown first: a name can be typed before the one, messages read before the other. */
const WANTED_AT_ONCE = ['js/page/chat.js', 'vendor/socket.io.js'];

const HOW = {
  bundle: true,
  minify: true,
  metafile: true,
  write: false,
  sourcemap: 'linked',
  target: 'es2023',
  charset: 'utf8',
  outdir: DIST,
  entryNames: '[name]-[hash]',
  chunkNames: '[name]-[hash]',
};

/**
 * esbuild cuts what several parts have in common into a file for each combination of them: fourteen for six parts. As each part
 * comes behind the views anyway, it is told so, and what they share stays in one file.
 *
 * @type {import('esbuild').Plugin}
 */
const partsBehindTheViews = {
  name: 'parts-behind-the-views',
  setup({ onResolve, onLoad }) {
    const parts = new Set();
    onResolve({ filter: /^\.\.?\// }, ({ kind, path, resolveDir }) => {
      if (kind === 'dynamic-import' && !path.includes('/vendor/')) parts.add(resolve(resolveDir, path));
      return null;
    });
    onLoad({ filter: /\.js$/ }, ({ path }) => {
      if (!parts.has(path)) return null;
      return { contents: `${readFileSync(path, 'utf8')}\nimport ${JSON.stringify(resolve(STATIC, VIEWS))};\n` };
    });
  },
};

/**
 * What libraries bring along and nothing here uses. The one that reads markup has colours and trees for editors, two fifths of it;
 * Socket.IO's client a transport that is not chosen (socket-options.js), and bytes beside the text, a tenth.
 *
 * @type {import('esbuild').Plugin}
 */
const withoutTheUnused = {
  name: 'without-the-unused',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^@lezer\/common$/ }, () => ({ path: resolve(STATIC, PLAIN_TREE) }));
    onResolve({ filter: /^@lezer\/highlight$/ }, () => ({ path: 'colours', namespace: 'without' }));
    onLoad({ filter: /^colours$/, namespace: 'without' }, () => ({ contents: NO_COLOURS }));
    for (const [filter, contents] of UNUSED_OF_SOCKET_IO) onLoad({ filter }, () => ({ contents }));
  },
};
const PLAIN_TREE = 'js/page/form/plain-tree.js';
const NO_COLOURS = `
  export const styleTags = () => () => null;
  export const tags = new Proxy({}, { get: () => () => null });
  export class Tag {}
`;
const UNUSED_OF_SOCKET_IO = /** @type {const} */ ([
  [/engine\.io-client.*webtransport\.js$/, 'export class WT {}'],
  [/engine\.io-parser.*base64-arraybuffer\.js$/, 'export const decode = () => null;'],
  [/socket\.io-parser.*is-binary\.js$/, 'export const isBinary = () => false, hasBinary = () => false;'],
  [/socket\.io-parser.*[/]binary\.js$/, 'export const deconstructPacket = () => null, reconstructPacket = () => null;'],
]);

/** @typedef {import('esbuild').Metafile['outputs'][string]} Output */

await main();

async function main() {
  mkdirSync(join(STATIC, 'vendor'), { recursive: true });
  for (const [name, from] of Object.entries(VENDOR)) copyFileSync(from, join(STATIC, 'vendor', name));
  for (const [name, contents] of Object.entries(PARTS_OF_LIBRARIES)) await joined(name, contents);
  writeFileSync(join(STATIC, 'vendor', 'emoji.js'), emojiByGroup());
  const made = await Promise.all([
    ...Object.entries(PAGES).map(([name, from]) => bundled({ [name]: from }, { format: 'esm', splitting: true, plugins: [partsBehindTheViews] })),
    ...Object.entries(ALONE).map(([name, from]) => bundled({ [name]: from }, { format: name === 'theme.js' ? 'iife' : 'esm' })),
    bundled(STYLES, {}),
    bundled(PICTURES, { loader: { '.svg': 'copy', '.png': 'copy', '.webp': 'copy' } }),
  ]);
  rmSync(DIST, { recursive: true, force: true });
  mkdirSync(DIST);
  for (const { files } of made) files.forEach(write);
  const entries = Object.assign({}, ...made.map((one) => one.entries));
  writeFileSync(join(DIST, 'manifest.json'), `${JSON.stringify(entries, null, 2)}\n`);
}

/** @param {string} name @param {string} contents */
async function joined(name, contents) {
  const { bundle, minify, target, charset } = HOW;
  await build({ bundle, minify, target, charset, plugins: [withoutTheUnused], format: 'esm', stdin: { contents, resolveDir: '.' }, outfile: join(STATIC, 'vendor', name) });
}

/** What is wanted of each: itself, its names, what it shows unless a name says so, and other words for it. */
function emojiByGroup() {
  const rows = /** @type {Record<string, string[]>} */ ({});
  for (const { emoji, names, description, tags, category } of gemoji) {
    const label = description.toLowerCase() === names[0].replaceAll('_', ' ') ? '' : description;
    (rows[category] ??= []).push([emoji, names.join(' '), label, tags.join(' ')].join('\t'));
  }
  return `export const GROUPS = ${JSON.stringify(Object.entries(rows))};\n`;
}

/**
 * @param {Record<string, string>} sources
 * @param {import('esbuild').BuildOptions} how
 */
async function bundled(sources, how) {
  const entryPoints = Object.entries(sources).map(([name, from]) => ({ in: join(STATIC, from), out: name.replace(/\.\w+$/, '') }));
  const { outputFiles, metafile } = await build({ ...HOW, ...how, entryPoints });
  const entries = Object.fromEntries(Object.entries(sources).map(([name, source]) => [name, entryOf(source, metafile.outputs)]));
  return { files: outputFiles ?? [], entries };
}

/**
 * @param {string} source
 * @param {Record<string, Output>} outputs
 */
function entryOf(source, outputs) {
  const [file] = Object.keys(outputs).filter((path) => sourceOf(outputs[path]) === source);
  const needs = neededAtOnce(file, outputs);
  return { source, file: basename(file), needs: needs.map((path) => basename(path)) };
}

/** The nearest first. @param {string} file @param {Record<string, Output>} outputs */
function neededAtOnce(file, outputs) {
  const found = new Set([file]);
  for (const each of found) {
    for (const { path, kind } of outputs[each].imports) {
      if (kind === 'import-statement' || WANTED_AT_ONCE.includes(sourceOf(outputs[path]))) found.add(path);
    }
  }
  return [...found].slice(1);
}

/** @param {Output} output */
function sourceOf({ entryPoint = '' }) {
  return relative(STATIC, entryPoint);
}

/** A text with its compressed forms beside it. @param {import('esbuild').OutputFile} file */
function write({ path, contents }) {
  const name = relative(DIST, path);
  if (!/\.(?:js|css)$/.test(name)) return writeFileSync(path, contents);
  const text = Buffer.from(name.startsWith('embed-') ? withItsMap(contents) : contents);
  writeFileSync(path, text);
  writeFileSync(`${path}.gz`, gzipSync(text, { level: 9 }));
  writeFileSync(`${path}.br`, brotliCompressSync(text, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: text.length } }));
}

/** It is served beside its source, under the name that other sites know. @param {Uint8Array} contents */
function withItsMap(contents) {
  return Buffer.from(contents).toString().replace(/(# sourceMappingURL=)(embed-)/, '$1../dist/$2');
}
