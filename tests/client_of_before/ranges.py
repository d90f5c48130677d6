"""All that one has of a room's log: stretches without a hole, in order, the newest last.

Rows are never dropped because something else is missing. A hole stays between two ranges until
it is filled, or known to be removed from the log: then a floor stands there. Where the lineage
changes, the older log is gone for good and only its rows remain.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

from tests.client_of_before.wire import Event, Json

FLOOR = "floor"
Item: TypeAlias = Event | str  # an event, or FLOOR
Row: TypeAlias = Event | str | tuple[int, int]  # also "restart", and a gap's first and last seq
_ROW_TYPES = frozenset({"message"})


def is_row(event: Event) -> bool:
    """An event of a type that this client does not know moves the cursor and is no row."""
    return event["type"] in _ROW_TYPES


class Range:
    """It covers `first` to `last` even where it holds no row."""

    def __init__(self, lineage: int, first: int) -> None:
        self.lineage = lineage
        self.first = first
        self.last = first - 1
        self.items: list[Item] = []

    @property
    def has_rows(self) -> bool:
        return any(item != FLOOR for item in self.items)

    def append(self, events: Iterable[Event], last: int) -> None:
        self.items += [event for event in events if is_row(event)]
        self.last = max(self.last, last)

    def mark_floor(self, last: int) -> None:
        """What follows, up to `last`, was removed from the log."""
        if not self.items or self.items[-1] != FLOOR:
            self.items.append(FLOOR)
        self.last = max(self.last, last)

    def expire(self, cutoff: int) -> list[int]:
        """Take out what is not younger than `cutoff` (ms); the seqs that went."""
        gone = [item["seq"] for item in self.items if not isinstance(item, str) and item["ts"] <= cutoff]
        if gone:
            self.items = [item for item in self.items if isinstance(item, str) or item["ts"] > cutoff]
            while self.items and self.items[0] == FLOOR:
                del self.items[0]
            self.first = max(self.first, gone[-1] + 1)
        return gone


class Ranges:
    def __init__(self) -> None:
        self.start = "beginning"  # what is above the newest log's oldest range; also "more", "floor"
        self._ranges: list[Range] = []
        self._lineage = 0

    @property
    def last(self) -> int:
        return self._ranges[-1].last if self._ranges else 0

    @property
    def oldest(self) -> int:
        """The oldest seq that is covered in the newest log."""
        oldest = self._oldest()
        return oldest.first if oldest else 1

    def rows(self) -> list[Row]:
        """The screen, top to bottom."""
        rows: list[Row] = []
        above: Range | None = None
        for range_ in self._ranges:
            is_top = above is None or above.lineage != range_.lineage
            if above is not None:
                rows.append("restart" if is_top else (above.last + 1, range_.first - 1))
            if is_top and range_.lineage == self._lineage and self.start == FLOOR:
                rows.append(FLOOR)
            rows += range_.items
            above = range_
        return rows

    def start_page(self, page: Json, *, is_same_log: bool) -> None:
        """A page that does not continue what is here: what lies between is said, never hidden."""
        if not any(range_.has_rows for range_ in self._ranges):
            self._ranges = []
        first = page["events"][0]["seq"] if page["events"] else page["head"] + 1
        if self._ranges and is_same_log:
            self._resume_at(first, page["floor"])
            return
        self._lineage += 1
        self.start = _above(first, page["floor"])
        self._ranges.append(Range(self._lineage, first))

    def append(self, event: Event) -> None:
        """The one after `last`."""
        self._ranges[-1].append([event], event["seq"])

    def skip_to(self, first: int) -> None:
        """Everything between `last` and `first` was removed."""
        if first > self.last + 1:
            self._ranges[-1].mark_floor(first - 1)

    def fill(self, after: int, ack: Json) -> list[Event]:
        """An answer that belongs into the hole after `after`; the events that are new."""
        ends = [r.lineage == self._lineage and r.last == after for r in self._ranges[:-1]]
        if True not in ends:
            return []
        index = ends.index(True)
        range_, below = self._ranges[index : index + 2]
        first = ack["floor"] if ack["from"] is None else ack["from"]
        if first > after + 1:
            range_.mark_floor(min(first, below.first) - 1)
        fresh = [event for event in ack["events"] if range_.last < event["seq"] < below.first]
        range_.append(fresh, min(ack["to"] or 0, below.first - 1))
        if range_.last == below.first - 1:
            range_.items += below.items
            range_.last = below.last
            del self._ranges[index + 1]
        return fresh

    def extend_up(self, before: int, ack: Json) -> list[Event]:
        """An answer with what came before `before`; the events that are new."""
        range_ = self._oldest()
        if range_ is None or range_.first != before:
            return []
        fresh = [event for event in ack["events"] if event["seq"] < before]
        range_.items[:0] = [event for event in fresh if is_row(event)]
        range_.first = before if ack["from"] is None else ack["from"]
        self.start = "more" if ack["more_before"] else _above(range_.first, range_.first)
        return fresh

    def expire(self, cutoff: int) -> list[int]:
        oldest, oldest_first = self._oldest(), self.oldest
        gone = [seq for range_ in self._ranges for seq in range_.expire(cutoff)]
        self._ranges = [r for r in self._ranges if r is self._ranges[-1] or r.has_rows]
        if self._oldest() is not oldest:
            self.start = "more"
        elif self.oldest != oldest_first:
            self.start = FLOOR
        return gone

    def _resume_at(self, first: int, floor: int) -> None:
        newest = self._ranges[-1]
        if first <= newest.last + 1:
            return
        if first <= floor:
            newest.mark_floor(first - 1)
        else:
            self._ranges.append(Range(self._lineage, first))

    def _oldest(self) -> Range | None:
        return next((r for r in self._ranges if r.lineage == self._lineage), None)


def _above(first: int, floor: int) -> str:
    if first > floor:
        return "more"
    return FLOOR if first > 1 else "beginning"
