"""A small honest peer: stock Flask-SocketIO on eventlet. It numbers messages and stores nothing.

Defaults of the libraries, except for a backlog and a number of connections that fit the load, and
TCP_NODELAY, without which its acks would wait for the client's delayed ACKs.
"""

from __future__ import annotations

import os
import warnings

os.environ.setdefault("EVENTLET_NO_GREENDNS", "yes")
warnings.filterwarnings("ignore", r"\s*Eventlet is deprecated")
import eventlet  # noqa: E402 - the warning above is its own

eventlet.monkey_patch()

import gc  # noqa: E402 - the world is patched first
import itertools  # noqa: E402
import signal  # noqa: E402
import socket  # noqa: E402
import time  # noqa: E402
from collections import defaultdict  # noqa: E402
from typing import Any  # noqa: E402

import eventlet.wsgi  # noqa: E402
from flask import Flask, request  # noqa: E402
from flask_socketio import SocketIO, emit, join_room  # noqa: E402

app = Flask(__name__)
socketio = SocketIO(app, async_mode="eventlet", cors_allowed_origins="*")
heads: defaultdict[str, int] = defaultdict(int)
ids = itertools.count(1)


@socketio.on("connect", namespace="/chat")
def on_connect(auth: dict[str, str]) -> bool:
    return bool(auth.get("token"))


@socketio.on("join", namespace="/chat")
def on_join(asked: dict[str, Any]) -> dict[str, Any]:
    join_room(asked["room"])
    return {"ok": True, "head": heads[asked["room"]]}


@socketio.on("message", namespace="/chat")
def on_message(said: dict[str, Any]) -> dict[str, Any]:
    room = said["room"]
    heads[room] += 1
    event = {
        "room": room,
        "seq": heads[room],
        "type": "message",
        "id": f"{next(ids):026d}",
        "ts": time.time_ns() // 1_000_000,
        "user": {"id": f"u_{request.sid}", "name": "Somebody"},  # type: ignore[attr-defined]
        "client_id": said["client_id"],
        "body": {"content": said["content"]},
    }
    emit("event", event, to=room)
    return {"ok": True, "seq": event["seq"], "id": event["id"], "ts": event["ts"], "duplicate": False}


if __name__ == "__main__":
    signal.signal(signal.SIGUSR2, lambda *_: gc.collect())
    listener = eventlet.listen(("127.0.0.1", int(os.environ["PORT"])), backlog=4096, reuse_port=False)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    print(f"open: http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    eventlet.wsgi.server(listener, app, max_size=100_000, log_output=False)
