// The official client under Node, led by a test: one JSON object a line comes in, and out.
//
//   node talker.mjs '{"url", "auth", "transports"}'
//   in   {"do": "connect"} · {"do": "call", "n", "event", "payload"} · {"do": "emit", "event", "payload"}
//        {"do": "disconnect"}
//   out  {"event", "value"} · {"n", "ack"}

import { createInterface } from 'node:readline';
import { io } from 'socket.io-client';

const { url, auth, transports } = JSON.parse(process.argv[2]);
const tell = (line) => process.stdout.write(JSON.stringify(line) + '\n');

const socket = io(`${url}/chat`, { auth, transports, autoConnect: false, reconnection: false });
socket.onAny((event, value) => tell({ event, value }));
socket.on('connect_error', (error) => tell({ event: 'connect_error', value: error.data ?? {} }));
socket.on('disconnect', (reason) => tell({ event: 'disconnect', value: reason }));
socket.on('connect', () => {
  const engine = socket.io.engine;
  const settled = () => tell({ event: 'settled', value: engine.transport.name });
  if (engine.transport.name === transports.at(-1)) settled();
  else engine.once('upgrade', settled);
});

const orders = {
  connect: () => socket.connect(),
  call: ({ n, event, payload }) => socket.emit(event, payload, (ack) => tell({ n, ack })),
  emit: ({ event, payload }) => socket.emit(event, payload),
  disconnect: () => socket.disconnect(),
};

for await (const line of createInterface({ input: process.stdin })) {
  const order = JSON.parse(line);
  orders[order.do](order);
}
socket.disconnect();
