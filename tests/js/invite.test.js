/** The link that others come in by, and its code. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { pathDataOf } from '../../static/js/page/invite/qr-code.js';
import { forOthers, isOnlyHere, readable, whatToDoWith, whoCanFollow } from '../../static/js/page/invite/shown-link.js';

test('a link is shown in letters of any script, and nothing else of it is decoded', () => {
  const at = 'http://chat.example/chat/';
  assert.equal(readable(`${at}caf%C3%A9-%D7%A9%D7%9C%D7%95%D7%9D-%E8%8A%B1-%F0%9F%8C%BB`), `${at}café-שלום-花-🌻`);
  for (const kept of ['%D7%A9%20%D7%9C', '%D7%A9%2F']) assert.equal(readable(at + kept), at + kept);
  // What parts an address, what is not seen or turns a line around, and what is no text.
  for (const kept of ['%2F', '%3F%23%26%25', '%20', '%E2%80%AE', '%E2%80%8B', '%E2%81%A6', '%C2%AD', '%E3%85%A4', '%00', '%FF', '%E2%88%95']) {
    assert.equal(readable(`${at}a${kept}b`), `${at}a${kept}b`, kept);
  }
});

test('an address of this computer alone is known as one', () => {
  for (const host of ['localhost:8000', 'chat.localhost', '127.0.0.1:8000', '127.1.2.3', '[::1]:80']) assert.ok(isOnlyHere(`http://${host}/chat/a`), host);
  for (const host of ['chat.example', '192.168.1.7:8000', 'localhost.example', '127.0.0.1.example', '[fe80::1]']) assert.ok(!isOnlyHere(`http://${host}/chat/a`), host);
});

test('the link to hand on is one that others can follow', () => {
  const here = 'http://127.0.0.1:8000/chat/caf%C3%A9';
  assert.equal(forOthers(here, 'http://192.168.1.5:8000'), 'http://192.168.1.5:8000/chat/caf%C3%A9');
  assert.equal(forOthers(here, 'https://chat.example/talk'), 'https://chat.example/talk/chat/caf%C3%A9');
  assert.equal(forOthers(here), here);
  assert.equal(forOthers('https://chat.example/chat/a', 'http://192.168.1.5:8000'), 'https://chat.example/chat/a');
});

test('who can follow a link is said: anybody, those of one network, or nobody else', () => {
  const inNetwork = ['192.168.1.7:8000', '10.1.2.3', '172.16.0.1', '172.31.9.9:80', '169.254.1.1', '[fd00::1]:8000', '[fe80::1]', 'raspberry:8000', 'chat.local', 'chat.home.arpa'];
  const anywhere = ['chat.example', '172.32.0.1', '11.1.2.3', '100.10.1.2', '[2001:db8::1]', '10.example', 'local.example'];
  for (const host of inNetwork) assert.equal(whatToDoWith(`http://${host}/chat/a`), 'Send this link to the people in your network.', host);
  for (const host of anywhere) assert.equal(whatToDoWith(`http://${host}/chat/a`), 'Send this link to the people you want here.', host);
  assert.match(whatToDoWith('http://localhost:8000/chat/a'), /only on this computer.*HOST=0\.0\.0\.0/);
  assert.match(whoCanFollow('http://localhost:8000/chat/a'), /only on this computer/);
  assert.match(whoCanFollow('http://10.0.0.2/chat/a'), /^Anybody in your network who has this link/);
  assert.match(whoCanFollow('http://chat.example/chat/a'), /^Anybody who has this link/);
});

test('a code’s path has one bar for each run of dark modules', () => {
  assert.equal(pathDataOf([[true, true, false, true], [false, false, false, false], [false, true, true, true]]), 'M0 0h2v1h-2zM3 0h1v1h-1zM1 2h3v1h-3z');
});
