"""The client ids a room has seen lately, so that what is sent twice is stored once.

Memory holds a bounded number; older ones are looked up when a sender says that it repeats
itself. Behind both stands the database, which takes no id twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec
from msgspec.structs import replace

from chatapp.rooms.aspect import Question
from chatapp.rooms.commands import Authored

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
    def __init__(self, limit: int, *, is_complete: bool = False, looked_up_until: int = 0) -> None:
        """``is_complete``: the log is empty, so nothing is unknown until something is forgotten.

        Until the time ``looked_up_until`` (ms) every id is looked up, whatever its sender says of it.
        """
        self._limit = limit
        self._looked_up_until = looked_up_until
        self.is_complete = is_complete
        self._known: dict[MessageKey, Known] = {}
        self._looked_up: dict[MessageKey, Known] = {}
        self._keys: dict[int, MessageKey] = {}  # by the seq of what each has become, of those known
        self._keys_looked_up: dict[int, MessageKey] = {}

    def __contains__(self, key: MessageKey) -> bool:
        return key in self._known

    def ask(self, commands: Sequence[Authored], now_ms: int) -> Sequence[KnownIds]:
        """What storage must say before it is known whether these repeat something."""
        if self.is_complete:
            return ()
        is_fresh = now_ms < self._looked_up_until
        doubtful = commands if is_fresh else [c for c in commands if c.is_retry]
        if not doubtful:
            return ()
        keys = dict.fromkeys([(c.author_id, c.client_id) for c in doubtful])
        unknown = tuple([key for key in keys if key not in self])
        return [KnownIds(keys=unknown)] if unknown else ()

    def get(self, key: MessageKey) -> Known | None:
        return self._known.get(key) or self._looked_up.get(key)

    def remember(self, key: MessageKey, known: Known) -> None:
        self._known[key] = known
        self._keys[known.seq] = key

    def trim(self) -> None:
        """Between batches, so that what a batch found known stays so until its end."""
        while len(self._known) > self._limit:
            forgotten = self._known.pop(next(iter(self._known)))
            self._keys.pop(forgotten.seq, None)
            self.is_complete = False

    def forget_content(self, seq: int) -> None:
        """The text of a message is another now, or none."""
        for keys, known_ids in ((self._keys, self._known), (self._keys_looked_up, self._looked_up)):
            if (key := keys.get(seq)) is not None:
                known_ids[key] = replace(known_ids[key], content_hash=b"")

    def look_at(self, found: Iterable[Mapping[MessageKey, Known]]) -> None:
        """What storage says of a batch's ids; kept until the next look."""
        self._looked_up = {key: known for each in found for key, known in each.items()}
        self._keys_looked_up = {known.seq: key for key, known in self._looked_up.items()}
