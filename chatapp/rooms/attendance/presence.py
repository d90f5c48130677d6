"""Presence: what the room tells about who is here, told seldom and never wrong.

``told`` is what everybody has heard, under one version. Changes collect beside it; the first is
told at the end of its batch, further ones at most once an interval, and what cancels itself
out is not told at all. A question is answered with what was told (and the asker), under the same
version, so that an answer and the next change always fit together.

Each epoch begins with a whole set, because versions of an earlier one cannot be continued. So does
every change of who is named (``crowd``).
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from chatapp.rooms.attendance.crowd import Crowd, Named
from chatapp.rooms.attendance.people import Person
from chatapp.rooms.events import Signal
from chatapp.rooms.rules import RoomRules

Version = tuple[int, int]  # (epoch, n), compared in order


class Presence(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Who is here. ``people`` is None above 200, when only the count is told."""

    version: Version
    people: Sequence[Person] | None
    count: int


class PresenceChanged(Signal, frozen=True, kw_only=True):
    """A coalesced change of who is here.

    ``people`` is everybody who is named: above 200 people only those who have signed in, and None when
    they are too many as well. ``is_full`` says that ``people`` replaces whatever the listener has (the
    first change of an epoch, and when others are named than before); the lists of differences are
    empty then.
    """

    version: Version
    joined: Sequence[Person]
    left: Sequence[Person]
    changed: Sequence[Person]
    count: int
    people: Sequence[Person] | None
    is_full: bool = False


class Roster:
    def __init__(self, epoch: int, rules: RoomRules) -> None:
        self._epoch = epoch
        self._number = 0
        self._interval_ms = rules.presence_interval_ms
        self._names_limit = rules.presence_names_limit
        self._here = Crowd(self._names_limit)
        self._told = Crowd(self._names_limit)
        self._news: dict[str, None] = {}  # user ids, in the order of their first change
        self._is_full_due = False
        self._is_continued = False  # the next version continues what everybody has
        self._quiet_until = 0

    def wake(self, people: list[Person], *, is_news: bool) -> None:
        """``is_news``: those who listen may not know all of it."""
        self._here = Crowd(self._names_limit, people)
        self._told = self._here.copy()
        self._is_full_due = is_news

    # --- who is here --------------------------------------------------------------------

    @property
    def count(self) -> int:
        return len(self._here)

    def find(self, user_id: str) -> Person | None:
        return self._here.find(user_id)

    def update(self, user_id: str, person: Person | None) -> None:
        self._here.put(user_id, person)
        self._news[user_id] = None

    def names(self, person: Person) -> bool:
        """Whether this one's coming and going is told by name."""
        return self._here.named.covers(person)

    def answer(self, asker_id: str) -> Presence:
        asker = self._here.find(asker_id)
        untold = asker if self._told.find(asker_id) is None else None
        named = self._told.named_with(untold)
        people = self._told.those(named)
        if untold is not None and named.covers(untold):
            people += (untold,)
        if named is Named.NOBODY or named is not self._told.named:
            self._is_continued = False  # whoever has been told fewer names could add none to them
        return Presence(
            version=(self._epoch, self._number),
            people=None if named is Named.NOBODY else people,
            count=len(self._told) + (untold is not None),
        )

    def answer_snapshot(self, heard: tuple[int, int], *, may_lack: bool) -> None:
        """A node has heard up to there: if that is not everything, everybody gets the whole once more.

        What an earlier epoch told last is known to nobody here. A node that has lost nothing has it.
        """
        told = (self._epoch, self._number)
        if heard != told and (heard < told if self._number else may_lack):
            self._is_full_due, self._is_continued = True, False

    # --- what is told -------------------------------------------------------------------

    @property
    def deadline_ms(self) -> int | None:
        return self._quiet_until if self._news or self._is_full_due else None

    def take_due(self, now_ms: int, *, is_last: bool) -> PresenceChanged | None:
        """What to tell the room now, if anything."""
        if self.deadline_ms is None or not (is_last or now_ms >= self._quiet_until):
            return None
        before, count_before = self._told.named, len(self._told)
        named = self._here.named
        joined, left, changed = self._settle_news(named)
        is_same = named is before and len(self._told) == count_before
        if is_same and not (joined or left or changed or self._is_full_due):
            return None
        has_names = named is not Named.NOBODY
        is_full = has_names and not (self._is_continued and named is before)
        is_delta = has_names and not is_full
        self._number += 1
        self._quiet_until = now_ms + self._interval_ms
        self._is_full_due, self._is_continued = False, True
        return PresenceChanged(
            version=(self._epoch, self._number),
            joined=joined if is_delta else (),
            left=left if is_delta else (),
            changed=changed if is_delta else (),
            count=self.count,
            people=self._told.those(named) if has_names else None,
            is_full=is_full,
        )

    def _settle_news(self, named: Named) -> tuple[list[Person], list[Person], list[Person]]:
        """What has changed among those who are named."""
        joined: list[Person] = []
        left: list[Person] = []
        changed: list[Person] = []
        for user_id in self._news:
            before, now = self._told.find(user_id), self._here.find(user_id)
            if before == now:
                continue
            self._told.put(user_id, now)
            if now is not None and named.covers(now):
                (changed if named.covers(before) else joined).append(now)
            elif before is not None and named.covers(before):
                left.append(before)
        self._news.clear()
        return joined, left, changed
