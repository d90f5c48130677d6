"""The pulse: somebody who sends, waits for the ack, and notes how long it took, all the time."""

from __future__ import annotations

import itertools
import threading
from types import TracebackType
from uuid import uuid4

from chatapp.client.sign_in import sign_in
from faults.plain_socket import PlainSocket
from faults.recorder import clock


class Pulse:
    """Use as a context. In a room of its own unless one is named; nothing else runs in its thread."""

    def __init__(self, url: str, *, room: str = "pulse", pause_seconds: float = 0.05) -> None:
        port = int(url.rpartition(":")[2])
        self._socket = PlainSocket(port, sign_in(url, f"Pulse {uuid4().hex[:8]}")["token"], room)
        self._pause_seconds = pause_seconds
        self._took: list[tuple[float, float]] = []  # when, and for how long
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="pulse", daemon=True)

    def __enter__(self) -> Pulse:
        self._socket.join()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_over.set()
        self._thread.join()
        self._socket.abandon()

    def between(self, begin: float, end: float) -> list[float]:
        """Seconds of every ack whose message was sent in this time."""
        return [seconds for at, seconds in list(self._took) if begin <= at < end]

    def _beat(self) -> None:
        for number in itertools.count():
            if self._is_over.wait(self._pause_seconds):
                return
            at = clock()
            message = {"room": self._socket.room, "client_id": f"pulse-{number}", "content": "Still there?"}
            self._socket.ask("message", message)
            self._took.append((at, clock() - at))
