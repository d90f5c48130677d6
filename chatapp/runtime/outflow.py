"""What goes out over a stream: in order, in one write a turn, and nobody waits for it.

What one turn of the hub has to send leaves together at the turn's end. What the socket does not take
is held back until it takes something again. How much may be held is for whoever sends to say, by
``held_bytes``.
"""

from __future__ import annotations

from collections import deque

from chatapp.runtime.scheduler import HubScheduler
from chatapp.runtime.stream import Stream


class Outflow:
    __slots__ = ("_backlog", "_leaving", "_scheduler", "_stream", "held_bytes")

    def __init__(self, stream: Stream, scheduler: HubScheduler) -> None:
        self._stream = stream
        self._scheduler = scheduler
        self._leaving: list[bytes] = []  # at the end of this turn
        self._backlog: deque[bytes | memoryview] | None = None
        self.held_bytes = 0  # what the socket has not taken yet

    def put(self, data: bytes) -> None:
        """Send it at the end of the turn, or behind what is held back."""
        if self._backlog is not None:
            self._backlog.append(data)
            self.held_bytes += len(data)
            return
        if not self._leaving:
            self._scheduler.call_last(self.let_leave)
        self._leaving.append(data)

    def let_leave(self) -> None:
        """Now, what was put aside for the end of the turn."""
        leaving, self._leaving = self._leaving, []
        if leaving:
            self.write(leaving[0] if len(leaving) == 1 else b"".join(leaving))

    def write(self, data: bytes) -> None:
        """Send it now. Only while nothing was put aside and nothing is held back."""
        sent = self._stream.send(data)
        if sent < len(data) and self._stream.is_open:
            self._backlog = deque((memoryview(data)[sent:],))
            self.held_bytes = len(data) - sent
            self._stream.when_writable(self._drain)
            self.fell_behind()

    def forget(self) -> None:
        """Send nothing of it any more."""
        self._leaving = []
        self._backlog = None
        self.held_bytes = 0

    def fell_behind(self) -> None:
        """The socket did not take everything."""

    def caught_up(self) -> None:
        """It has taken the rest."""

    def _drain(self) -> None:
        while self._backlog:
            part = self._backlog[0]
            sent = self._stream.send(part)
            if not self._stream.is_open:
                self.forget()
                return
            self.held_bytes -= sent
            if sent < len(part):
                self._backlog[0] = memoryview(part)[sent:]
                self._stream.when_writable(self._drain)
                return
            self._backlog.popleft()
        self.forget()
        self.caught_up()
