"""Crowds of one address that ask for nothing: every way to hold a connection and give nothing back."""

from __future__ import annotations

import socket
from contextlib import suppress
from types import TracebackType

HOSTILE = "127.0.0.2"  # the whole of 127/8 is this machine, and each of its addresses one of its own


class BareCrowd:
    """So many connections, each with some bytes of a request, or none. A context; left, it closes them."""

    def __init__(
        self,
        port: int,
        count: int,
        *,
        address: str = HOSTILE,
        says: bytes = b"",
        receive_buffer: int = 0,
    ) -> None:
        self._port = port
        self._count = count
        self._address = address
        self._says = says
        self._receive_buffer = receive_buffer
        self.sockets: list[socket.socket] = []

    def __enter__(self) -> BareCrowd:
        for _ in range(self._count):
            with suppress(OSError):  # refused: that is what it is for
                self.sockets.append(self._connect())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for one in self.sockets:
            one.close()

    def say(self, more: bytes) -> int:
        """How many could still be told this."""
        told = 0
        for one in self.sockets:
            with suppress(OSError):
                told += one.send(more) > 0
        return told

    def still_open(self) -> int:
        """How many the other side has not ended."""
        return sum(_is_open(one) for one in self.sockets)

    def _connect(self) -> socket.socket:
        one = socket.socket()
        if self._receive_buffer:  # before connecting: it decides the window
            one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self._receive_buffer)
        one.settimeout(5)
        one.bind((self._address, 0))
        one.connect(("127.0.0.1", self._port))
        if self._says:
            one.sendall(self._says)
        one.setblocking(False)
        return one


def _is_open(one: socket.socket) -> bool:
    try:
        return bool(one.recv(1, socket.MSG_PEEK) and False)
    except BlockingIOError:
        return True
    except OSError:
        return False
