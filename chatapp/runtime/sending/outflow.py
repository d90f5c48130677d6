"""What goes out over a stream: in order, in one write a turn, and nobody waits for it.

What one turn of the hub has to send leaves together at the turn's end; what is large, or many things,
leaves sooner, so that only what the socket does not take lies in memory. That is held back until the
socket takes something again. How much may be held is for whoever sends to say, by ``held_bytes``, and
for ``held_changed``, which is told of every change.
"""

from __future__ import annotations

from collections import deque

from chatapp.runtime.hub.scheduler import HubScheduler
from chatapp.runtime.sending.stream import Stream

LARGE_BYTES = 16_384
MANY = 16


class Outflow:
    __slots__ = ("_backlog", "_before_mark", "_leaving", "_scheduler", "_stream", "held_bytes")

    def __init__(self, stream: Stream, scheduler: HubScheduler) -> None:
        self._stream = stream
        self._scheduler = scheduler
        self._leaving: list[bytes] = []  # at the end of this turn
        self._backlog: deque[bytes | memoryview] | None = None
        self.held_bytes = 0  # what the socket has not taken yet
        self._before_mark = 0

    @property
    def has_mark_left(self) -> bool:
        """The socket has taken everything that was put before the last ``mark``."""
        return self._before_mark <= 0

    def mark(self) -> None:
        """Remember this place in what goes out. What was put aside for the end of the turn leaves now."""
        self.let_leave()
        self._before_mark = self.held_bytes

    def put(self, data: bytes) -> None:
        """Send it at the end of the turn, or behind what is held back."""
        if self._backlog is not None:
            self._backlog.append(data)
            self._hold_more(len(data))
            return
        leaving = self._leaving
        if not leaving:
            self._scheduler.call_last(self.let_leave)
        leaving.append(data)
        if len(data) > LARGE_BYTES or len(leaving) > MANY:
            self.let_leave()

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
            self._stream.when_writable(self._drain)
            self.fell_behind()
            self._hold_more(len(data) - sent)

    def forget(self) -> None:
        """Send nothing of it any more."""
        self._leaving = []
        self._backlog = None
        if self.held_bytes:
            self._hold_more(-self.held_bytes)

    def keep_only(self, last: bytes) -> None:
        """Of what is held back send the first, which may have begun to leave, and then this."""
        assert self._backlog
        self._backlog = deque((self._backlog[0], last))
        self._hold_more(sum(map(len, self._backlog)) - self.held_bytes)

    def fell_behind(self) -> None:
        """The socket did not take everything."""

    def caught_up(self) -> None:
        """It has taken the rest."""

    def held_changed(self, difference: int) -> None:
        """So many bytes more are held back, or fewer. The last thing that is done: it may end everything."""

    def _hold_more(self, difference: int) -> None:
        self.held_bytes += difference
        if difference < 0:
            self._before_mark += difference
        self.held_changed(difference)

    def _drain(self) -> None:
        while self._backlog:
            part = self._backlog[0]
            sent = self._stream.send(part)
            if not self._stream.is_open:
                self.forget()
                return
            if sent < len(part):
                self._backlog[0] = memoryview(part)[sent:]
                self._stream.when_writable(self._drain)
                self._hold_more(-sent)
                return
            self._backlog.popleft()
            self._hold_more(-sent)
        self.forget()
        self.caught_up()
