// The JavaScript of docs/clients.md as it stands, between what it asks its reader to write and a driver.
//
//   node sample.mjs '{"server", "token", "device"}' FILE     FILE holds the sample
//   in   {"send": text}
//   out  {"rendered": text} · {"failed": error} · {"shown": error} · {"waiting": count}, after each change

import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { io } from 'socket.io-client';

const { server, token, device } = JSON.parse(process.argv[2]);
const tell = (line) => process.stdout.write(JSON.stringify(line) + '\n');

const drafts = [];
const outbox = {
  add: (draft) => drafts.push(draft),
  first: () => drafts.find((draft) => !draft.failed),
  markSent: (id) => drafts.filter((draft) => draft.id === id).forEach((draft) => (draft.wasSent = true)),
  remove: (id) => {
    const at = drafts.findIndex((draft) => draft.id === id);
    if (at >= 0) drafts.splice(at, 1);
    tell({ waiting: drafts.length });
  },
  fail: (id, error) => {
    drafts.filter((draft) => draft.id === id).forEach((draft) => (draft.failed = true));
    tell({ failed: error });
  },
};
const show = (error) => tell({ shown: error });
const showGap = () => {};
const render = (event) => tell({ rendered: event.body.content });

const sample = readFileSync(process.argv[3], 'utf8').replace(/^import .*$/m, '');
const names = ['io', 'server', 'token', 'device', 'outbox', 'show', 'showGap', 'render'];
const send = new Function(...names, `${sample}; return send;`)(io, server, token, device, outbox, show, showGap, render);

for await (const line of createInterface({ input: process.stdin })) send(JSON.parse(line).send);
process.exit(0);
