// A small honest peer: Socket.IO under Node. It numbers messages and stores nothing.
// Defaults of the library; perMessageDeflate is off by default and stays off.

import { createServer } from "node:http";
import { Server } from "socket.io";

const http = createServer();
const chat = new Server(http, { perMessageDeflate: false }).of("/chat");
const heads = new Map();
let ids = 0;

chat.use((socket, next) => next(socket.handshake.auth.token ? undefined : new Error("unauthorized")));

chat.on("connection", (socket) => {
  socket.on("join", ({ room }, ack) => {
    socket.join(room);
    ack({ ok: true, head: heads.get(room) ?? 0 });
  });

  socket.on("message", ({ room, client_id, content }, ack) => {
    const seq = (heads.get(room) ?? 0) + 1;
    heads.set(room, seq);
    const event = {
      room,
      seq,
      type: "message",
      id: String(++ids).padStart(26, "0"),
      ts: Date.now(),
      user: { id: `u_${socket.id}`, name: "Somebody" },
      client_id,
      body: { content },
    };
    chat.to(room).emit("event", event);
    ack({ ok: true, seq, id: event.id, ts: event.ts, duplicate: false });
  });
});

process.on("SIGUSR2", () => globalThis.gc());
http.listen({ port: Number(process.env.PORT), host: "127.0.0.1", backlog: 4096 }, () => {
  process.stdout.write(`open: http://127.0.0.1:${http.address().port}\n`);
});
