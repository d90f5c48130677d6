"""A stretch of a room's log without a hole in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias

from chatapp.client.changes import Held
from chatapp.client.wire import Event

FLOOR = "floor"
Item: TypeAlias = Held | str  # a message, or FLOOR
Mine: TypeAlias = Mapping[str, list[str]]
"""By seq: the emoji with which one has reacted."""
_ROW_TYPES = frozenset({"message"})


def is_row(event: Event) -> bool:
    """A change, or an event of a type that this client does not know, moves the cursor and is no row."""
    return event["type"] in _ROW_TYPES


class LogRange:
    """It covers `first` to `last` even where it holds no row."""

    def __init__(self, first: int) -> None:
        self.first = first
        self.last = first - 1
        self.items: list[Item] = []

    @property
    def held(self) -> list[Held]:
        return [item for item in self.items if isinstance(item, Held)]

    def held_at(self, seq: int) -> Held | None:
        newest_first = (item for item in reversed(self.items) if isinstance(item, Held))
        return next((held for held in newest_first if held.event["seq"] == seq), None)

    def covers(self, seq: int) -> bool:
        return self.first <= seq <= self.last

    def append(self, events: Iterable[Event], last: int, mine: Mine) -> None:
        self.items += _rows(events, mine)
        self.last = max(self.last, last)

    def prepend(self, events: Iterable[Event], first: int, mine: Mine) -> None:
        self.items[:0] = _rows(events, mine)
        self.first = min(self.first, first)

    def mark_floor(self, last: int) -> None:
        """What follows, up to `last`, was removed from the log."""
        if not self.items or self.items[-1] != FLOOR:
            self.items.append(FLOOR)
        self.last = max(self.last, last)

    def join(self, below: LogRange) -> None:
        self.items += below.items
        self.last = max(self.last, below.last)

    def expire(self, cutoff: int) -> list[int]:
        """Take out what is not younger than `cutoff` (ms); the seqs that went."""
        gone = [held.event["seq"] for held in self.held if held.event["ts"] <= cutoff]
        if gone:
            self.items = [item for item in self.items if item == FLOOR or _ts(item) > cutoff]
            while self.items and self.items[0] == FLOOR:
                del self.items[0]
            self.first = max(self.first, gone[-1] + 1)
        return gone


def _rows(events: Iterable[Event], mine: Mine) -> list[Item]:
    return [Held(event, mine.get(str(event["seq"]), [])) for event in events if is_row(event)]


def _ts(item: Item) -> int:
    assert isinstance(item, Held)
    ts: int = item.event["ts"]
    return ts
