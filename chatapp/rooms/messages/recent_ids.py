"""The client ids a room has seen lately, so that what is sent twice is stored once.

Memory holds a bounded number; older ones are looked up when a sender says that it repeats
itself. Behind both stands the database, which takes no id twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from chatapp.rooms.aspect import Question

MessageKey = tuple[str, str]  # (user_id, client_id): two people may use the same id


class Known(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A client id that the log has already, with what it stands for.

    Without ``content_hash`` its content has changed or gone, and nothing that is sent with it can contradict.
    """

    seq: int
    id: str
    ts: int
    content_hash: bytes


class KnownIds(Question, frozen=True, kw_only=True):
    """Which of these the log has, expired or not: a mapping of keys to ``Known``."""

    keys: Sequence[MessageKey]


class RecentIds:
    def __init__(self, limit: int, *, is_complete: bool = False) -> None:
        """``is_complete``: the log is empty, so nothing is unknown until something is forgotten."""
        self._limit = limit
        self.is_complete = is_complete
        self._known: dict[MessageKey, Known] = {}
        self._looked_up: Mapping[MessageKey, Known] = {}

    def __contains__(self, key: MessageKey) -> bool:
        return key in self._known

    def get(self, key: MessageKey) -> Known | None:
        return self._known.get(key) or self._looked_up.get(key)

    def remember(self, key: MessageKey, known: Known) -> None:
        self._known[key] = known
        if len(self._known) > self._limit:
            del self._known[next(iter(self._known))]
            self.is_complete = False

    def look_at(self, found: Mapping[MessageKey, Known]) -> None:
        """What storage says of a batch's ids; kept until the next look."""
        self._looked_up = found
