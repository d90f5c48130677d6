"""The tail: the newest events of the log in memory, and where the log begins.

It ends at the head, without a hole. Expired events leave it as time goes, so nothing that
comes out of it is ever too old. The *floor* is the first event that has not expired; it is
remembered rather than searched, because only the passing of time moves it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from itertools import islice

from chatapp.rooms.aspect import Question
from chatapp.rooms.events import RoomEvent


class Newest(Question, frozen=True, kw_only=True):
    """So many of the newest events that are younger than ``cutoff`` (ms), oldest first."""

    limit: int
    cutoff: int


class Floor(Question, frozen=True, kw_only=True):
    """The first event from the seq ``start`` on that is younger than ``cutoff``: (seq, ts), or None."""

    start: int
    cutoff: int


class Tail:
    def __init__(self, *, head: int, last_at: int, limit: int) -> None:
        self.head = head
        self.last_at = last_at
        self._limit = limit
        self._events: deque[RoomEvent] = deque()
        self._gone = 0  # everything up to here has expired, as far as we know
        self._oldest: tuple[int, int] | None = None  # the event after it: seq, ts

    @property
    def first_seq(self) -> int:
        """The first seq in memory; behind the head when there is none."""
        return self._events[0].seq if self._events else self.head + 1

    @property
    def floor(self) -> int:
        """The first seq that has not expired; behind the head when nothing is left.

        While it is unknown, the first one in memory stands in: then less is promised than there
        is, never more.
        """
        return self._oldest[0] if self._oldest else self.first_seq

    @property
    def floor_unknown_from(self) -> int | None:
        """Where to search for the floor; None: it is known."""
        is_known = self._oldest is not None or self.first_seq == self._gone + 1
        return None if is_known else self._gone + 1

    def covers(self, count: int) -> bool:
        """Whether the newest ``count`` events, or all that are left, are in memory."""
        return len(self._events) >= count or self.first_seq <= self._gone + 1

    def append(self, event: RoomEvent) -> None:
        self._events.append(event)
        self.head, self.last_at = event.seq, event.ts

    def trim(self) -> None:
        """Between batches, so that what a batch relies on stays until its end."""
        while len(self._events) > self._limit:
            dropped = self._events.popleft()
            if dropped.seq == self._gone + 1:
                self._oldest = (dropped.seq, dropped.ts)

    def expire(self, cutoff: int) -> None:
        """Forget what is not younger than ``cutoff`` (ms)."""
        if self.last_at <= cutoff:
            self._gone, self._oldest = self.head, None
            self._events.clear()
        while self._events and self._events[0].ts <= cutoff:
            self._gone = self._events.popleft().seq
        if self._oldest is not None and self._oldest[1] <= cutoff:
            self._gone, self._oldest = max(self._gone, self._oldest[0]), None

    def learn_floor(self, floor: tuple[int, int] | None) -> None:
        """``floor`` is (seq, ts), None when nothing is left."""
        self._gone = floor[0] - 1 if floor else self.head
        self._oldest = floor

    def load(self, newest: Sequence[RoomEvent]) -> None:
        if len(newest) > len(self._events):
            self._events = deque(newest)

    def newest(self, count: int) -> list[RoomEvent]:
        return list(islice(self._events, max(0, len(self._events) - count), None))

    def after(self, seq: int, count: int, stored: Sequence[RoomEvent]) -> list[RoomEvent]:
        """The ``count`` events behind ``seq``; ``stored`` has those from before the tail."""
        events = list(stored) if seq + 1 < self.first_seq else []
        reached = events[-1].seq if events else seq
        if reached + 1 >= self.first_seq:
            events += islice(self._events, reached + 1 - self.first_seq, None)
        return events[:count]
