"""A TCP connection after HTTP: what a WebSocket stands on.

One greenlet reads and waits; anybody writes and never waits. A full send buffer shows as a short
count, and ``when_writable`` tells once when there is room again.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from eventlet import hubs, wsgi
from eventlet.green import socket

from chatapp.runtime.scheduler import run_logged

RECEIVE_BYTES = 65_536
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class Stream:
    """A connected socket. ``is_open`` is False from the first sign that the other side is gone."""

    __slots__ = ("_early", "_green", "_listener", "_raw", "is_open")

    def __init__(self, green_socket: Any, early: bytes) -> None:
        self._green = green_socket
        self._raw = green_socket.fd
        self._early = early
        self._listener: Any = None
        self.is_open = True

    def receive(self) -> bytes:
        """Wait for bytes. Empty when the connection has ended, however it ended."""
        if self._early:
            early, self._early = self._early, b""
            return early
        try:
            received: bytes = self._green.recv(RECEIVE_BYTES)
        except (OSError, EOFError):
            return b""
        return received

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
            self._stop_listening()
            run_logged(callback)

        self._listener = hub.add(hub.WRITE, self._raw.fileno(), on_writable, _ignore, None)

    def end_sending(self) -> None:
        """Let the other side see the end after what was sent; it can still be heard."""
        with suppress(OSError):
            self._raw.shutdown(socket.SHUT_WR)

    def shut_down(self, *, reset: bool = False) -> None:
        """End both directions now; the reader wakes with nothing. ``reset`` drops unsent bytes too."""
        if not self.is_open:
            return
        self.is_open = False
        self._stop_listening()
        with suppress(OSError):  # the other side may have been faster
            if reset:
                self._raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
            self._raw.shutdown(socket.SHUT_RDWR)

    def _stop_listening(self) -> None:
        # Before the descriptor is closed: its number may belong to somebody else a moment later.
        if self._listener is not None:
            hubs.get_hub().remove(self._listener)
            self._listener = None


def take_over(environ: dict[str, Any]) -> Stream:
    """Take the connection of an HTTP request away from the server.

    The WSGI application must then return an empty list; the server sends nothing and closes the
    socket after that. Bytes the client sent along with its request come out first.
    """
    wsgi.WSGI_LOCAL.already_handled = True
    http_input = environ["eventlet.input"]
    green_socket = http_input.get_socket()
    green_socket.settimeout(0)  # for this one look, so that an empty buffer does not wait
    early = http_input.rfile.peek()
    green_socket.settimeout(None)
    return Stream(green_socket, early)


def _ignore(*_: object) -> None:
    """The hub wants somebody to tell that a descriptor was closed; nobody waits here."""
