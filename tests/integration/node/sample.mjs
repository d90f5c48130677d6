// The JavaScript of docs/clients.md as it stands, between what it asks its reader to write and a driver.
//
//   node sample.mjs '{"server", "token", "device"}' FILE     FILE holds the sample
//   in   {"send": text} · {"sendFiles": [text, [name, text], …]} · {"reply" | "edit": [seq, text]} · {"remove": seq} · {"react": [seq, emoji, on]} · {"rows": true} · {"left": true}
//   out  {"rendered": body} · {"failed": error} · {"shown": error} · {"waiting": count}, after each change · {"rows": [event, …]} · {"left": count}

import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { io } from 'socket.io-client';
import { Upload } from 'tus-js-client';

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
const clear = () => {};
const render = (event) => tell({ rendered: event.body });

const sample = readFileSync(process.argv[3], 'utf8').replace(/^import .*$/gm, '');
const given = { io, Upload, server, token, device, outbox, show, showGap, render, clear };
const made = 'return { send, sendFiles, reply, edit, remove, react, rows };';
const { send, sendFiles, rows, ...others } = new Function(...Object.keys(given), `${sample}; ${made}`)(...Object.values(given));

for await (const line of createInterface({ input: process.stdin })) {
  const [[name, value]] = Object.entries(JSON.parse(line));
  if (name === 'send') send(value);
  else if (name === 'sendFiles') await sendFiles(value[0], value.slice(1).map(([file, text]) => new File([text], file, { type: 'text/plain' })));
  else if (name === 'rows') tell({ rows: [...rows.values()] });
  else if (name === 'left') tell({ left: drafts.length });
  else others[name](rows.get([value].flat()[0]), ...[value].flat().slice(1));
}
process.exit(0);
