"""The pulse: somebody who sends, waits for the ack, and notes how long it took, all the time."""

from __future__ import annotations

import itertools
from types import TracebackType
from typing import Self
from uuid import uuid4

from bench.repeated import Repeated
from chatapp.client.sign_in import sign_in
from faults.plain_socket import PlainSocket
from faults.recorder import clock


class Pulse(Repeated):
    """Use as a context. In a room of its own unless one is named."""

    def __init__(self, url: str, *, room: str = "pulse", pause_seconds: float = 0.05) -> None:
        super().__init__("pulse", pause_seconds=pause_seconds)
        port = int(url.rpartition(":")[2])
        self._socket = PlainSocket(port, sign_in(url, f"Pulse {uuid4().hex[:8]}")["token"], room)
        self._numbers = itertools.count()
        self._took: list[tuple[float, float]] = []  # when, and for how long

    def __enter__(self) -> Self:
        self._socket.join()
        return super().__enter__()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        super().__exit__(kind, error, trace)
        self._socket.abandon()

    def between(self, begin: float, end: float) -> list[float]:
        """Seconds of every ack whose message was sent in this time."""
        return [seconds for at, seconds in list(self._took) if begin <= at < end]

    def do(self) -> None:
        at = clock()
        client_id = f"pulse-{next(self._numbers)}"
        message = {"room": self._socket.room, "client_id": client_id, "content": "Still there?"}
        self._socket.ask("message", message)
        self._took.append((at, clock() - at))
