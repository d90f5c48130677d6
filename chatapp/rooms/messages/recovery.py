"""Recovery: what somebody who comes back has missed, exactly, or why it cannot be told.

Never a part that passes for the whole: either all events behind the cursor (a first page of
them, if there are many), or a reason and the newest page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chatapp.rooms.aspect import Question
from chatapp.rooms.commands import Cursor
from chatapp.rooms.events import RoomEvent
from chatapp.rooms.messages.pages import fitting
from chatapp.rooms.messages.tail import Tail
from chatapp.rooms.rules import RoomRules

FRESH_STARTS = ("truncated", "stream_changed", "ahead", "too_far")
"""Why a newcomer's cursor is of no use, so that they get the newest page."""


class Range(Question, frozen=True, kw_only=True):
    """Events with ``after < seq`` that are younger than ``cutoff`` (ms), oldest first, at most ``limit``."""

    after: int
    limit: int
    cutoff: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovered:
    is_recovered: bool
    reason: str | None
    events: Sequence[RoomEvent]
    has_more: bool


class Recovery:
    """One newcomer's question, from what must be read for it to its answer.

    With a limit of 0 no event is brought, and none is read: head and floor say where the log is.
    """

    def __init__(self, tail: Tail, stream_id: str, rules: RoomRules) -> None:
        self._tail = tail
        self._stream_id = stream_id
        self._rules = rules

    def tail_for(self, since: Cursor | None, limit: int) -> int:
        """How many of the newest events it takes; 0: no more than are in memory."""
        if limit == 0:
            return 0
        missed = self._missed(since)
        wanted = missed if missed is not None and missed <= self._rules.page_limit else self._page(limit)
        return 0 if self._tail.covers(wanted) else wanted

    def range_for(self, since: Cursor | None, limit: int, cutoff: int) -> Range | None:
        """What lies too far back for the tail, and not too far for us."""
        missed = self._missed(since)
        if limit == 0 or since is None or missed is None or since.seq + 1 >= self._tail.first_seq:
            return None
        if not self._rules.page_limit < missed <= self._rules.recovery_limit:
            return None
        return Range(after=since.seq, limit=self._page(limit), cutoff=cutoff)

    def answer(self, since: Cursor | None, limit: int, stored: Sequence[RoomEvent]) -> Recovered:
        """``stored`` is what ``range_for`` asked for."""
        page = self._page(limit)
        reason = self._reason_against(since) if since else None
        if since is None or reason is not None:
            newest = fitting(reversed(self._tail.newest(page)))[::-1]
            return Recovered(is_recovered=False, reason=reason, events=newest, has_more=False)
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
        if self._tail.head - since.seq > self._rules.recovery_limit:
            return "too_far"
        return None
