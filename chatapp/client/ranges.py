"""All that one has of a room's log: stretches without a hole, in order, the newest last.

A hole stays between two ranges until it is filled, or known to be removed from the log: then a floor
stands there. Where one has missed events that cannot be had one after the other, what is older goes: it
may have been changed or deleted meanwhile. It is read again when somebody comes there.
"""

from __future__ import annotations

from typing import TypeAlias

from chatapp.client.changes import Held
from chatapp.client.log_range import FLOOR, LogRange, Mine, is_row
from chatapp.client.range_page import with_page
from chatapp.client.wire import Event, Json

Row: TypeAlias = Event | str | tuple[int, int]  # a message, "floor", or a gap's first and last seq
_NOTHING: Mine = {}


class Ranges:
    def __init__(self) -> None:
        self.start = "beginning"  # what is above the oldest range; also "more", "floor"
        self._ranges: list[LogRange] = []

    @property
    def last(self) -> int:
        return self._ranges[-1].last if self._ranges else 0

    @property
    def oldest(self) -> int:
        """The oldest seq that is covered."""
        return self._ranges[0].first if self._ranges else 1

    def covers(self, seq: int) -> bool:
        """Whether it is known what the log has at this place."""
        return any(range_.covers(seq) for range_ in self._ranges)

    def held(self) -> list[Held]:
        """All messages, oldest first."""
        return [held for range_ in self._ranges for held in range_.held]

    def held_at(self, seq: int) -> Held | None:
        return next((range_.held_at(seq) for range_ in self._ranges if range_.covers(seq)), None)

    def rows(self) -> list[Row]:
        """The screen, top to bottom."""
        rows: list[Row] = [FLOOR] if self.start == FLOOR else []
        above: LogRange | None = None
        for range_ in self._ranges:
            if above is not None:
                rows.append((above.last + 1, range_.first - 1))
            rows += [item.event if isinstance(item, Held) else item for item in range_.items]
            above = range_
        return rows

    def start_page(self, page: Json, *, is_same_log: bool) -> list[int]:
        """A page that does not continue what is here; the seqs that went for it."""
        first = page["events"][0]["seq"] if page["events"] else page["head"] + 1
        held = self.held()
        if is_same_log and held and self._resumes_at(first, page["floor"]):
            return []
        self.start = _above(first, page["floor"])
        self._ranges = [LogRange(first)]
        return [each.event["seq"] for each in held]

    def append(self, event: Event, mine: Mine = _NOTHING) -> None:
        """The one after `last`."""
        self._ranges[-1].append([event], event["seq"], mine)

    def skip_to(self, first: int) -> None:
        """Everything between `last` and `first` was removed."""
        if first > self.last + 1:
            self._ranges[-1].mark_floor(first - 1)

    def fill(self, after: int, ack: Json) -> list[Event]:
        """An answer that belongs into the hole after `after`; the events that are new."""
        ends = [range_.last == after for range_ in self._ranges[:-1]]
        if True not in ends:
            return []
        index = ends.index(True)
        range_, below = self._ranges[index : index + 2]
        first = ack["floor"] if ack["from"] is None else ack["from"]
        if first > after + 1:
            range_.mark_floor(min(first, below.first) - 1)
        fresh = [event for event in ack["events"] if range_.last < event["seq"] < below.first]
        range_.append(fresh, min(ack["to"] or 0, below.first - 1), ack.get("mine", _NOTHING))
        if range_.last == below.first - 1:
            range_.join(below)
            del self._ranges[index + 1]
        return fresh

    def extend_up(self, before: int, ack: Json) -> list[Event]:
        """An answer with what came before `before`; the events that are new."""
        if not self._ranges or self.oldest != before:
            return []
        range_ = self._ranges[0]
        fresh = [event for event in ack["events"] if event["seq"] < before]
        range_.prepend(fresh, before if ack["from"] is None else ack["from"], ack.get("mine", _NOTHING))
        self.start = "more" if ack["more_before"] else _above(range_.first, range_.first)
        return fresh

    def insert(self, ack: Json) -> list[Event]:
        """A page from anywhere in the log, what is beyond `last` left out; the events that are new."""
        last, oldest = min(ack["to"] or 0, self.last), self.oldest
        if ack["from"] is None or ack["from"] > last:
            return []
        fresh = [e for e in ack["events"] if e["seq"] <= last and not self.covers(e["seq"])]
        self._ranges = with_page(self._ranges, ack["from"], last, fresh, ack.get("mine", _NOTHING))
        if self.oldest < oldest:
            self.start = "more" if ack["more_before"] else _above(self.oldest, self.oldest)
        return [event for event in fresh if is_row(event)]

    def expire(self, cutoff: int) -> list[int]:
        """Forget what is not younger than `cutoff` (ms); the seqs that went."""
        top, oldest = next(iter(self._ranges), None), self.oldest
        gone = [seq for range_ in self._ranges for seq in range_.expire(cutoff)]
        if not gone:
            return []
        newest = self._ranges[-1]
        self._ranges = [r for r in self._ranges if r is newest or r.held]
        if self._ranges[0] is not top:
            self.start = "more"
        elif self.oldest != oldest:
            self.start = FLOOR
        return gone

    def _resumes_at(self, first: int, floor: int) -> bool:
        """Whether nothing is missing that is still there."""
        if first > self.last + 1 and first > floor:
            return False
        self.skip_to(first)
        return True


def _above(first: int, floor: int) -> str:
    if first > floor:
        return "more"
    return FLOOR if first > 1 else "beginning"
