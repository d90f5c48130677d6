"""Some events of the log in their order, as they are told now: what depends on a message is found by it.

Hundreds may become of messages in one batch, and hundreds of events be in memory. So nobody looks through
all of them for what an edit has changed, or for the one row that a reaction is about.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from collections.abc import Iterable, Iterator
from operator import attrgetter

from chatapp.rooms.events import RoomEvent
from chatapp.rooms.messages.dependents import as_of, row_as_of
from chatapp.rooms.messages.targets import Target

_seq_of = attrgetter("seq")


class ToldEvents:
    def __init__(self, events: Iterable[RoomEvent] = ()) -> None:
        self.bytes = 0
        """Of their bodies."""
        self._events: deque[RoomEvent] = deque()
        self._targets: dict[int, int] = {}  # of those that were told with the words of another
        self._dependents: dict[int, list[int]] = {}  # the same, by those others
        for event in events:
            self.append(event)

    def __len__(self) -> int:
        return len(self._events)

    def __iter__(self) -> Iterator[RoomEvent]:
        return iter(self._events)

    def __reversed__(self) -> Iterator[RoomEvent]:
        return reversed(self._events)

    def __getitem__(self, place: int) -> RoomEvent:
        return self._events[place]

    def append(self, event: RoomEvent) -> None:
        self._events.append(event)
        self.bytes += len(event.body)
        if event.target:
            self._targets[event.seq] = event.target
            self._dependents.setdefault(event.target, []).append(event.seq)

    def popleft(self) -> RoomEvent:
        event = self._events.popleft()
        self.bytes -= len(event.body)
        target = self._targets.pop(event.seq, None)
        if target is not None:
            self._dependents[target].remove(event.seq)
            if not self._dependents[target]:
                del self._dependents[target]
        return event

    def at(self, seq: int) -> RoomEvent | None:
        place = self._place(seq)
        return None if place is None else self._events[place]

    def change(self, target: Target) -> None:
        """A message is this from now on."""
        place = self._place(target.seq)
        if place is not None:
            self._put(place, row_as_of(self._events[place], target))

    def follow(self, target: Target) -> None:
        """As ``change``, and so is whatever is told with its words."""
        seqs = (target.seq, *self._dependents.get(target.seq, ()))
        places = [place for place in map(self._place, seqs) if place is not None]
        for place, event in zip(places, as_of([self._events[p] for p in places], target), strict=True):
            self._put(place, event)

    def _put(self, place: int, event: RoomEvent) -> None:
        self.bytes += len(event.body) - len(self._events[place].body)
        self._events[place] = event

    def _place(self, seq: int) -> int | None:
        place = bisect_left(self._events, seq, key=_seq_of)
        return place if place < len(self._events) and self._events[place].seq == seq else None
