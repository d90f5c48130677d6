"""A TCP connection after HTTP: what a WebSocket stands on.

No greenlet belongs to it. What comes in is brought to a callback on the hub, except while it is
paused; anybody writes and never waits. A full send buffer shows as a short count, and
``when_writable`` tells once when there is room again.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from eventlet import hubs, patcher, wsgi

from chatapp.runtime.hub.hub import run_logged

_socket = patcher.original("socket")

RECEIVE_BYTES = 65_536
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class Stream:
    """A connected socket, paused at first. Whoever takes it over calls ``close`` in the end.

    ``is_open`` is False from the first sign that the other side is gone. ``on_received`` gets what
    was read, and nothing, once, when the connection has ended, however it ended.
    """

    __slots__ = ("_raw", "_reading", "_writing", "is_open", "on_received")

    def __init__(self, raw_socket: Any) -> None:
        self._raw = raw_socket
        self._reading: Any = None
        self._writing: Any = None
        self.is_open = True
        self.on_received: Callable[[bytes], object] = _ignore

    def resume(self) -> None:
        """Read what comes in, until ``pause``. The end shows only while reading, and is not lost."""
        if self._reading is None:
            hub = hubs.get_hub()
            self._reading = hub.add(hub.READ, self._raw.fileno(), self._on_readable, _ignore, None)

    def pause(self) -> None:
        if self._reading is not None:
            hubs.get_hub().remove(self._reading)
            self._reading = None

    def send(self, data: bytes | memoryview) -> int:
        """Hand over what fits now and say how much that was; 0 when nothing does or nobody is there."""
        try:
            sent: int = self._raw.send(data)
        except BlockingIOError:
            return 0
        except OSError:
            self.shut_down()
            return 0
        return sent

    def when_writable(self, callback: Callable[[], object]) -> None:
        """Call back on the hub, once, when ``send`` will take something again."""
        hub = hubs.get_hub()

        def on_writable(_fd: int) -> None:
            if self._writing is not None:  # the hub still calls what was removed in the same turn
                self._stop_writing()
                run_logged(callback)

        self._writing = hub.add(hub.WRITE, self._raw.fileno(), on_writable, _ignore, None)

    def end_sending(self) -> None:
        """Let the other side see the end after what was sent; it can still be heard."""
        with suppress(OSError):
            self._raw.shutdown(_socket.SHUT_WR)

    def shut_down(self, *, reset: bool = False) -> None:
        """End both directions now; ``on_received`` gets nothing. ``reset`` drops unsent bytes too."""
        if not self.is_open:
            return
        self.is_open = False
        self._stop_writing()
        with suppress(OSError):  # the other side may have been faster
            if reset:
                self._raw.setsockopt(_socket.SOL_SOCKET, _socket.SO_LINGER, _RESET_ON_CLOSE)
            self._raw.shutdown(_socket.SHUT_RDWR)

    def close(self) -> None:
        """Give the descriptor back. Nothing is called any more."""
        self.shut_down()
        # Before the descriptor is closed: its number may belong to somebody else a moment later.
        self.pause()
        self._raw.close()

    def _on_readable(self, _fd: int) -> None:
        if self._reading is None:  # the hub still calls what was removed in the same turn
            return
        try:
            received = self._raw.recv(RECEIVE_BYTES)
        except BlockingIOError:
            return
        except OSError:
            received = b""
        if not received:
            self.pause()
        run_logged(self.on_received, received)

    def _stop_writing(self) -> None:
        if self._writing is not None:
            hubs.get_hub().remove(self._writing)
            self._writing = None


def take_over(environ: dict[str, Any]) -> tuple[Stream, bytes]:
    """Take the connection of an HTTP request away from the server; also what the client sent early.

    The WSGI application must then return an empty list, and may do so at once: the server sends
    nothing, and what it shuts down and closes after that no longer is this connection.
    """
    wsgi.WSGI_LOCAL.already_handled = True
    http_input = environ["eventlet.input"]
    early: bytes = http_input.rfile.read()  # the whole request was read before
    return Stream(detached(http_input.get_socket())), early


def detached(green_socket: Any) -> Any:
    """The socket below one of eventlet's, which then is no socket any more and closes nothing."""
    family, kind, protocol = green_socket.family, green_socket.type, green_socket.proto
    raw_socket = _socket.socket(family, kind, protocol, fileno=green_socket.fd.detach())
    raw_socket.setblocking(False)
    return raw_socket


def _ignore(*_: object) -> None:
    """For whoever has not said yet who is to be told, and for the hub, which wants somebody."""
