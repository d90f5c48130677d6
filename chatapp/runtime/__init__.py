"""The only package that knows eventlet, apart from ``monkey_patch()`` in ``cli/node.py``.

Everything in a web node happens in one thread, the *hub*: callbacks run one after the other and
never wait, greenlets may wait. Real threads exist for what would block (the database); their
results come back to the hub. So nobody above this package needs a lock.
"""

from chatapp.runtime.answering import Answer, answer_of
from chatapp.runtime.descriptors import raise_open_files
from chatapp.runtime.dial import Tls, dial
from chatapp.runtime.hub import use_our_hub
from chatapp.runtime.memory import give_back, resident_bytes
from chatapp.runtime.outflow import Outflow
from chatapp.runtime.pieces import PIECE_BYTES
from chatapp.runtime.pump import Pump, Source
from chatapp.runtime.requests import hang_up, has_hung_up
from chatapp.runtime.scheduler import HubScheduler, Promise, Timer, boottime, sleep, spawn
from chatapp.runtime.server import AcceptingEnded, CannotListen, HttpServer
from chatapp.runtime.shared_bytes import SharedBytes, SharedPiece
from chatapp.runtime.signals import on_signals
from chatapp.runtime.stream import Stream, take_over
from chatapp.runtime.streaming import StreamedBody, Whose, streamed_body
from chatapp.runtime.threads import Threads, real_sleep
from chatapp.runtime.turns import Turns

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
