"""Recovery: what somebody who comes back has missed, exactly, or why it cannot be told.

Never a part that passes for the whole: either all events behind the cursor (a first page of
them, if there are many), or a reason and the newest page. What is too far is said in rows of the
screen: changes between them have a bound of their own, four times as wide.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chatapp.rooms.aspect import Question
from chatapp.rooms.commands import Cursor, Join
from chatapp.rooms.events import RoomEvent
from chatapp.rooms.messages.pages import EVENTS_A_ROW, fitting
from chatapp.rooms.messages.tail import Newest, Tail
from chatapp.rooms.messages.targets import Target
from chatapp.rooms.messages.told_events import ToldEvents
from chatapp.rooms.rules import RoomRules

FRESH_STARTS = ("truncated", "stream_changed", "ahead", "too_far")
"""Why a newcomer's cursor is of no use, so that they get the newest page."""


class Range(Question, frozen=True, kw_only=True):
    """Events with ``after < seq`` that are younger than ``cutoff`` (ms), oldest first.

    ``limit`` counts rows.
    """

    after: int
    limit: int
    cutoff: int


class RowsAfter(Question, frozen=True, kw_only=True):
    """How many rows of the screen with ``after < seq`` are younger than ``cutoff`` (ms)."""

    after: int
    cutoff: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovered:
    is_recovered: bool
    reason: str | None
    events: Sequence[RoomEvent]
    has_more: bool


class Recovery:
    """What newcomers ask, from what must be read for it to their answers.

    With a limit of 0 no event is brought, and none is read: head and floor say where the log is.
    """

    def __init__(self, tail: Tail, stream_id: str, rules: RoomRules) -> None:
        self._tail = tail
        self._stream_id = stream_id
        self._rules = rules
        self._ranges: dict[Range, ToldEvents] = {}
        self._rows_after: dict[int, int] = {}
        self._head = tail.head  # as this batch began, which is what storage is asked about

    # --- what must be read ----------------------------------------------------------------

    def begin(self) -> None:
        self._head = self._tail.head
        if self._ranges:
            self._ranges = {}
        if self._rows_after:
            self._rows_after = {}

    def ask(self, joins: Sequence[Join], cutoff: int) -> list[Question]:
        ranges = (self._range_for(join.since, join.limit, cutoff) for join in joins)
        counts = (self._count_for(join.since, cutoff) for join in joins)
        newest = max(self._tail_for(join.since, join.limit) for join in joins)
        return [
            *dict.fromkeys(wanted for wanted in (*ranges, *counts) if wanted is not None),
            *([Newest(limit=newest, cutoff=cutoff)] if newest else ()),
        ]

    def changed_after(self, joins: Sequence[Join]) -> int | None:
        """Behind which seq stands what these will get to see; None: nothing of it was changed."""
        newest = max(self._tail_for(join.since, join.limit) for join in joins)
        ranges = (self._range_for(join.since, join.limit, 0) for join in joins)
        unread = [wanted.after for wanted in ranges if wanted is not None]
        if newest:
            unread.append(max(0, self._tail.head - newest * EVENTS_A_ROW))
        if not unread and not self._tail.is_changed:
            return None
        return min([self._tail.first_seq - 1, *unread])

    def learn(self, question: Range | RowsAfter, answer: object) -> None:
        if isinstance(question, Range):
            assert isinstance(answer, Sequence)
            self._ranges[question] = ToldEvents(answer)
        else:
            assert isinstance(answer, int)
            self._rows_after[question.after] = answer

    def change(self, target: Target) -> None:
        """A message is this from now on."""
        for events in self._ranges.values():
            events.change(target)

    def follow(self, target: Target) -> None:
        """As ``change``, and so is whatever is told with its words."""
        for events in self._ranges.values():
            events.follow(target)

    def _tail_for(self, since: Cursor | None, limit: int) -> int:
        """How many of the newest rows it takes; 0: no more than are in memory."""
        if limit == 0:
            return 0
        missed = self._missed(since)
        if missed is not None and missed <= self._rules.page_limit:
            assert since is not None
            return 0 if since.seq + 1 >= self._tail.first_seq or self._tail.covers(missed) else missed
        return 0 if self._tail.brings_page(self._page(limit)) else self._page(limit)

    def _range_for(self, since: Cursor | None, limit: int, cutoff: int) -> Range | None:
        """What lies too far back for the tail, and not too far for us."""
        missed = self._missed(since)
        if limit == 0 or since is None or missed is None or since.seq + 1 >= self._tail.first_seq:
            return None
        if not self._rules.page_limit < missed <= self._rules.recovery_limit * EVENTS_A_ROW:
            return None
        return Range(after=since.seq, limit=self._page(limit), cutoff=cutoff)

    def _count_for(self, since: Cursor | None, cutoff: int) -> RowsAfter | None:
        """Whether it is too far where only changes could make it so many events."""
        missed, most = self._missed(since), self._rules.recovery_limit
        if since is None or missed is None or since.seq + 1 >= self._tail.first_seq:
            return None
        return RowsAfter(after=since.seq, cutoff=cutoff) if most < missed <= most * EVENTS_A_ROW else None

    # --- the answer -----------------------------------------------------------------------

    def answer(self, since: Cursor | None, limit: int, cutoff: int) -> Recovered:
        """As of now. ``cutoff`` is the one of the questions."""
        page = self._page(limit)
        reason = self._reason_against(since) if since else None
        if since is None or reason is not None:
            newest = fitting(reversed(self._tail.newest(page)))[::-1]
            return Recovered(is_recovered=False, reason=reason, events=newest, has_more=False)
        stored = self._ranges.get(Range(after=since.seq, limit=page, cutoff=cutoff), ())
        events = fitting(self._tail.after(since.seq, page, stored))
        reached = events[-1].seq if events else since.seq
        return Recovered(is_recovered=True, reason=None, events=events, has_more=reached < self._tail.head)

    def _page(self, limit: int) -> int:
        return min(limit, self._rules.page_limit)

    def _missed(self, since: Cursor | None) -> int | None:
        """How many events; None if there is no cursor, or one that is not of this log."""
        if since is None or since.stream_id != self._stream_id or since.seq > self._tail.head:
            return None
        return self._tail.head - since.seq

    def _reason_against(self, since: Cursor) -> str | None:
        if since.stream_id != self._stream_id:
            return "stream_changed"
        if since.seq > self._tail.head:
            return "ahead"
        if since.seq < self._tail.floor - 1:
            return "truncated"
        return "too_far" if self._is_too_far(since.seq) else None

    def _is_too_far(self, seq: int) -> bool:
        missed, most = self._head - seq, self._rules.recovery_limit
        if missed <= most or seq + 1 >= self._tail.first_seq:
            return False
        return missed > most * EVENTS_A_ROW or self._rows_after.get(seq, missed) > most
