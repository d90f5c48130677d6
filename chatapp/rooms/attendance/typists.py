"""Who is typing. Always told as the whole set, so that nothing can stick, and void after a while.

However fast people start and stop, the room is told at most once an interval.
"""

from __future__ import annotations

from collections.abc import Sequence

from chatapp.rooms.attendance.people import Person
from chatapp.rooms.events import Signal
from chatapp.rooms.rules import RoomRules


class TypingChanged(Signal, frozen=True, kw_only=True):
    """Everybody who is typing, so that nothing can stick; void after ``ttl_ms``."""

    people: Sequence[Person]
    ttl_ms: int


class Typists:
    def __init__(self, rules: RoomRules) -> None:
        self._ttl_ms = rules.typing_ttl_ms
        self._interval_ms = rules.presence_interval_ms
        self._names_limit = rules.typing_names_limit
        self._until: dict[str, int] = {}  # user id: when it is void, the soonest first
        self._told: frozenset[str] = frozenset()
        self._has_news = False
        self._is_renewed = False  # clients void what they are not told again
        self._quiet_until = 0

    @property
    def deadline_ms(self) -> int | None:
        ends = next(iter(self._until.values()), None)
        if not self._has_news:
            return ends
        return self._quiet_until if ends is None else min(ends, self._quiet_until)

    def start(self, user_id: str, now_ms: int) -> None:
        self._is_renewed = self._is_renewed or user_id in self._until
        self._until.pop(user_id, None)
        self._until[user_id] = now_ms + self._ttl_ms
        self._has_news = True

    def stop(self, user_id: str) -> None:
        if self._until.pop(user_id, None) is not None:
            self._has_news = True

    def take_due(self, now_ms: int, *, is_last: bool) -> list[str] | None:
        """The user ids to tell the room, if there is something to tell now."""
        for user_id, until in list(self._until.items()):
            if until > now_ms:
                break
            self.stop(user_id)
        if not self._has_news or not (is_last or now_ms >= self._quiet_until):
            return None
        typing = list(self._until)[: self._names_limit]
        is_same = frozenset(typing) == self._told and not self._is_renewed
        self._has_news = self._is_renewed = False
        if is_same:
            return None
        self._told, self._quiet_until = frozenset(typing), now_ms + self._interval_ms
        return typing
