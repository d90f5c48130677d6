"""The only package that knows eventlet, apart from ``monkey_patch()`` in ``cli/node.py``.

Everything in a web node happens in one thread, the *hub*: callbacks run one after the other and
never wait, greenlets may wait. Real threads exist for what would block (the database); their
results come back to the hub. So nobody above this package needs a lock.
"""

# Before eventlet: what it imports first keeps eventlet's sockets, also in a process where nothing is patched.
import http.client  # noqa: F401

from chatapp.runtime.bodies.pieces import PIECE_BYTES
from chatapp.runtime.bounds.descriptors import raise_open_files
from chatapp.runtime.hub.dial import Tls, dial
from chatapp.runtime.hub.hub import use_our_hub
from chatapp.runtime.hub.memory import give_back, resident_bytes
from chatapp.runtime.hub.scheduler import HubScheduler, Promise, Timer, boottime, sleep, spawn
from chatapp.runtime.hub.signals import on_signals
from chatapp.runtime.hub.threads import Threads, real_sleep
from chatapp.runtime.hub.turns import Turns
from chatapp.runtime.requests.requests import hang_up, has_hung_up
from chatapp.runtime.requests.streaming import StreamedBody, Whose, streamed_body
from chatapp.runtime.sending.outflow import Outflow
from chatapp.runtime.sending.pump import Pump, Source
from chatapp.runtime.sending.shared_bytes import SharedBytes, SharedPiece
from chatapp.runtime.sending.stream import Stream, take_over
from chatapp.runtime.server.answering import Answer, answer_of
from chatapp.runtime.server.server import AcceptingEnded, CannotListen, HttpServer

__all__ = [
    "PIECE_BYTES",
    "AcceptingEnded",
    "Answer",
    "CannotListen",
    "HttpServer",
    "HubScheduler",
    "Outflow",
    "Promise",
    "Pump",
    "SharedBytes",
    "SharedPiece",
    "Source",
    "Stream",
    "StreamedBody",
    "Threads",
    "Timer",
    "Tls",
    "Turns",
    "Whose",
    "answer_of",
    "boottime",
    "dial",
    "give_back",
    "hang_up",
    "has_hung_up",
    "on_signals",
    "raise_open_files",
    "real_sleep",
    "resident_bytes",
    "sleep",
    "spawn",
    "streamed_body",
    "take_over",
    "use_our_hub",
]
