"""A web node with nothing but the transport: `python -m tests.integration.transport_server '{}'`.

The argument is JSON: `authenticate` and `backlog` shorten the waits of the transport, the others set bounds.
It prints its port. Its events: `join`, `leave`, `say` (to a room), `later` (an ack after a while),
`echo`, `page` (a large ack), `fail`, `slow` connects. HTTP: `/stats`, `/emit`, `/kick`, and `/plain`, a
plain WebSocket. `/ask` and `/authenticate` shorten a wait from then on, so that whoever is to stay, or has
something to say before, comes in without haste.
"""

# ruff: noqa: E402 - the patch comes before everything it is to reach

from __future__ import annotations

import os

os.environ["EVENTLET_NO_GREENDNS"] = "yes"

import warnings

warnings.simplefilter("ignore")

import eventlet

eventlet.monkey_patch()

import functools
import gc
import json
import sys
from typing import Any

import msgspec
from eventlet.greenthread import greenlet
from flask import Flask, Response, request
from flask_socketio import Namespace

from chatapp import limits
from chatapp.errors import ChatError, RateLimited, UnknownEvent
from chatapp.gateway.wire import frames, handshake, heartbeat, websocket
from chatapp.runtime import HttpServer, HubScheduler, boottime, on_signals, sleep, use_our_hub

use_our_hub()
SETTINGS: dict[str, Any] = json.loads(sys.argv[1])
limits.CONNECTIONS_PER_IP = SETTINGS.get("per_address", 500)
limits.AUTHENTICATE_SECONDS = SETTINGS.get("authenticate", 10)
websocket.BACKLOG_SECONDS = SETTINGS.get("backlog", 10)

from chatapp.gateway.wire.engine import Engine
from chatapp.gateway.wire.packet_dispatch import Ack
from chatapp.gateway.wire.plain import PlainSocket
from chatapp.limits.held import HeldBytes
from chatapp.limits.rates import Rates

app = Flask(__name__)
scheduler = HubScheduler()
cuts: list[str] = []
held = HeldBytes(
    per_address=SETTINGS.get("held_per_address", 64 * 2**20),
    per_node=SETTINGS.get("held_per_node", 256 * 2**20),
    on_cut=cuts.append,
)
engine = Engine(
    app,
    namespace="/chat",
    allowed_origins=["https://friend.example"],
    scheduler=scheduler,
    rates=Rates(scheduler.elapsed),
    held=held,
    address_of=lambda environ: str(environ.get("REMOTE_ADDR")),
)
plain_sockets: list[PlainSocket] = []
ended: list[str] = []


class Chat(Namespace):
    def on_connect(self, auth: Any) -> bool | None:
        if isinstance(auth, dict) and auth.get("slow"):
            sleep(auth["slow"])
        if isinstance(auth, dict) and auth.get("fail"):
            raise RuntimeError("a bug in connect")
        return not (isinstance(auth, dict) and auth.get("refuse"))

    def on_disconnect(self, reason: str) -> None:
        ended.append(reason)
        if request.args.get("fail_end"):
            raise RuntimeError("a bug in disconnect")


class Told:
    """Answers every event; what `check` allows is the budget of the settings."""

    def __init__(self) -> None:
        self.left: dict[str, int] = {}
        self.handled = 0

    def check(self, eio_sid: str) -> None:
        left = self.left.get(eio_sid, SETTINGS.get("budget", 1_000_000))
        if left == 0:
            raise RateLimited(retry_after_ms=50)
        self.left[eio_sid] = left - 1

    def handle(self, eio_sid: str, sid: str, name: object, args: list[Any], ack: Ack | None) -> None:
        self.handled += 1
        answer = ack or (lambda _payload: None)
        if name == "join":
            engine.listeners.enter_room(sid, "/chat", args[0])
            answer({"ok": True, "eio_sid": eio_sid, "rooms": len(engine.listeners.get_rooms(sid, "/chat"))})
        elif name == "leave":
            engine.listeners.leave_room(sid, "/chat", args[0])
            answer({"ok": True})
        elif name == "say":
            room, *texts = args
            arrays = [msgspec.json.encode(["said", text]) for text in texts]
            engine.listeners.send_events("/chat", room, arrays)
            answer({"ok": True})
        elif name == "later":
            scheduler.call_later(args[0], answer, {"ok": True, "waited": args[0]})
            scheduler.call_later(args[0], answer, {"ok": True, "waited": "twice"})
        elif name == "page":
            answer({"ok": True, "page": "x" * args[0]})
        elif name == "echo":
            answer({"ok": True, "args": args, "handled": self.handled})
        elif name == "fail":
            raise RuntimeError("a bug in an event")
        else:
            self.refuse(eio_sid, UnknownEvent(), ack)

    def refuse(self, eio_sid: str, error: ChatError, ack: Ack | None) -> None:
        if ack is not None:
            wait = {"retry_after_ms": error.retry_after_ms} if error.retry_after_ms else {}
            ack({"ok": False, "error": {"code": error.code, **wait}})

    def on_caught_up(self, eio_sid: str) -> None:
        sid = engine.listeners.sid_from_eio_sid(eio_sid, "/chat")
        engine.send(sid, b'["resync",{"reason":"lagging"}]')


told = Told()
engine.install(told)
engine.socketio.on_namespace(Chat("/chat"))


@app.get("/stats")
def stats() -> dict[str, Any]:
    sockets = engine.listeners.sockets.values()
    rooms = engine.listeners.rooms.get("/chat", {})
    return {
        "connections": len(engine.connections()),
        "sids": len(rooms.get(None, {})),
        "rooms": sum(1 for room in rooms if room == "r"),
        "members": len(rooms.get("r", {})),
        "entered": len(engine.listeners._entered),
        "environs": len(engine.socketio.server.environ),
        "eio_sockets": len(engine.socketio.server.eio.sockets),
        "held": max([each.held_bytes for each in sockets], default=0),
        "polls": sum(
            socket.queue.is_asked
            for socket in engine.socketio.server.eio.sockets.values()
            if not socket.upgraded
        ),
        "held_together": held.total,
        "cuts": cuts,
        "lagging": sum(each.is_lagging for each in sockets),
        "ended": ended,
        "handled": told.handled,
        "greenlets": sum(isinstance(each, greenlet.greenlet) and not each.dead for each in gc.get_objects()),
        "plain": len(plain_sockets),
        "quiet_for": [boottime() - (engine.last_pong_at(each) or 0) for each in engine.connections()],
    }


@app.get("/emit")
def emit() -> str:
    engine.socketio.emit("said", {"text": request.args["text"]}, to=request.args["room"], namespace="/chat")
    return ""


@app.get("/kick")
def kick() -> str:
    engine.kick(request.args["eio_sid"])
    return ""


@app.get("/ask")
def ask() -> str:
    """Of everybody at once, whether they are there: they have ``timeout`` seconds to answer."""
    seconds: Any = float(request.args["timeout"])
    heartbeat.PING_TIMEOUT_SECONDS = seconds
    for eio_sid in engine.connections():
        engine.ask(eio_sid)
    for socket in plain_sockets:
        socket.ask()
    return ""


@app.get("/authenticate")
def authenticate() -> str:
    """Who is not in the namespace from now on has so many ``seconds``."""
    seconds: Any = float(request.args["seconds"])
    limits.AUTHENTICATE_SECONDS = seconds
    return ""


@app.get("/plain-say")
def plain_say() -> str:
    ready = frames.frame(frames.TEXT, b"x" * int(request.args["size"]))
    for socket in plain_sockets:
        socket.send_broadcast(ready)
    return ""


def hear(socket: PlainSocket, text: str) -> None:
    if text == "fail":
        raise RuntimeError("a bug in hearing")
    socket.send(f"heard {text}")


@app.get("/plain")
@app.get("/plain", websocket=True)  # werkzeug keeps the two apart
def plain() -> Response:
    refused = handshake.refusal(request.environ)
    if refused is not None:
        return Response(refused.body, refused.status, refused.headers)
    socket = PlainSocket(request.environ, scheduler)
    socket.count_as_held(held, str(request.remote_addr))
    plain_sockets.append(socket)
    socket.on_text = functools.partial(hear, socket)
    socket.on_end = lambda: plain_sockets.remove(socket)
    return Response()


if __name__ == "__main__":
    server = HttpServer(app, "127.0.0.1", 0)
    on_signals(server.stop)
    sys.stdout.write(f"{server.port}\n")
    sys.stdout.flush()
    server.run()
