"""The tail: the newest events of the log in memory, and where the log begins.

It ends at the head, without a hole, and holds so many rows of the screen with the changes between them
(``pages``), of long ones no more than one answer brings. Everything in it is as it is told now: what is
said of a message in other places follows it. Expired events leave it as time goes, so nothing that comes
out of it is ever too old, and no words of what is too old stand in an event that is not. The *floor* is the
first event that has not expired; it is remembered rather than searched, because only time moves it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice

from chatapp.rooms.aspect import Question
from chatapp.rooms.events import RoomEvent
from chatapp.rooms.messages.dependents import without_target
from chatapp.rooms.messages.pages import EVENTS_A_ROW, PAGE_BYTES, first_rows, is_row
from chatapp.rooms.messages.targets import Target
from chatapp.rooms.messages.told_events import ToldEvents


class Newest(Question, frozen=True, kw_only=True):
    """The newest events that are younger than ``cutoff`` (ms), oldest first; ``limit`` counts rows."""

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
        self._events = ToldEvents()
        self._rows = 0  # of them
        self._target_at: int | None = None  # when the eldest message was said that one of them depends on
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
        """Whether the newest ``count`` rows, or all that are left, are in memory."""
        is_enough = self._rows >= count or len(self._events) >= count * EVENTS_A_ROW
        return is_enough or self.first_seq <= self._gone + 1

    def brings_page(self, count: int) -> bool:
        """As ``covers``, of so many rows as far as one answer brings them."""
        return self.covers(count) or self._events.bytes > PAGE_BYTES

    @property
    def _is_too_much(self) -> bool:
        is_long = self._events.bytes - len(self._events[0].body) > PAGE_BYTES if self._events else False
        return is_long or self._rows > self._limit or len(self._events) > self._limit * EVENTS_A_ROW

    @property
    def is_changed(self) -> bool:
        """Whether something became of any message in memory after it was said."""
        return any(event.rev for event in self._events)

    def at(self, seq: int) -> RoomEvent | None:
        """The event at this place, if it is in memory."""
        return self._events.at(seq)

    def append(self, event: RoomEvent) -> None:
        self._events.append(event)
        self.head, self.last_at = event.seq, event.ts
        self._rows += is_row(event)
        if event.target_ts:
            self._note_target(event.target_ts)

    def change(self, target: Target) -> None:
        """A message is this from now on."""
        self._events.change(target)

    def follow(self, target: Target) -> None:
        """As ``change``, and so is whatever is told with its words."""
        self._events.follow(target)

    def trim(self) -> None:
        """Between batches, so that what a batch relies on stays until its end."""
        while self._is_too_much:
            dropped = self._drop_first()
            if dropped.seq == self._gone + 1:
                self._oldest = (dropped.seq, dropped.ts)

    def expire(self, cutoff: int) -> None:
        """Forget what is not younger than ``cutoff`` (ms)."""
        if self.last_at <= cutoff:
            self._gone, self._oldest = self.head, None
            self._events = ToldEvents()
            self._rows, self._target_at = 0, None
        while self._events and self._events[0].ts <= cutoff:
            self._gone = self._drop_first().seq
        if self._oldest is not None and self._oldest[1] <= cutoff:
            self._gone, self._oldest = max(self._gone, self._oldest[0]), None
        if self._target_at is not None and self._target_at <= cutoff:
            self._replace([without_target(e) if 0 < e.target_ts <= cutoff else e for e in self._events])

    def learn_floor(self, floor: tuple[int, int] | None) -> None:
        """``floor`` is (seq, ts), None when nothing is left."""
        self._gone = floor[0] - 1 if floor else self.head
        self._oldest = floor

    def load(self, newest: Sequence[RoomEvent]) -> None:
        if len(newest) > len(self._events):
            self._replace(newest)

    def newest(self, count: int) -> list[RoomEvent]:
        """``count`` rows of them, oldest first."""
        return first_rows(count, reversed(self._events))[::-1]

    def after(self, seq: int, count: int, stored: Iterable[RoomEvent]) -> list[RoomEvent]:
        """``count`` rows behind ``seq``; ``stored`` has the events from before the tail."""
        events = list(stored) if seq + 1 < self.first_seq else []
        reached = events[-1].seq if events else seq
        if reached + 1 >= self.first_seq:
            events += islice(self._events, reached + 1 - self.first_seq, None)
        return first_rows(count, events)

    def _drop_first(self) -> RoomEvent:
        dropped = self._events.popleft()
        self._rows -= is_row(dropped)
        return dropped

    def _replace(self, events: Sequence[RoomEvent]) -> None:
        self._events = ToldEvents(events)
        self._rows = sum(map(is_row, events))
        self._target_at = min((e.target_ts for e in events if e.target_ts), default=None)

    def _note_target(self, said_at: int) -> None:
        if self._target_at is None or said_at < self._target_at:
            self._target_at = said_at
