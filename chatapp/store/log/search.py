"""The log, searched: stretch by stretch, without an index, for what is in one must be forgotten there too.

The database lets pass what could match (``candidates``), and that is looked at exactly.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from chatapp.rooms.events import RoomEvent
from chatapp.rooms.messages.query import Query
from chatapp.store.database.engine import Database
from chatapp.store.log.candidates import Stored, literals_of, patterns_of, that_could_match
from chatapp.store.log.stretches import PERIODS_OF_ENDS, by_arrays, by_joins, elsewhere, named
from chatapp.store.log.texts import unpacked


class _File(msgspec.Struct):
    name: str
    alt: str = ""


class _Said(msgspec.Struct):
    content: str = ""
    uploads: tuple[_File, ...] = ()


_said = msgspec.json.Decoder(_Said).decode


class Search:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._near = by_joins if database.is_sqlite else by_arrays

    def matches(
        self, room_id: str, query: Query, *, first: int, last: int, limit: int, cutoff: int
    ) -> list[int]:
        """The seqs of the newest messages from ``first`` to ``last`` that match, the newest first."""
        patterns = patterns_of(query)
        asked = {"room": room_id, "first": first, "last": last, "rows": last - first + 1, "cutoff": cutoff}
        asked |= named(patterns)
        with self._database.reading() as connection:
            near = tuple(sorted(set(connection.execute(PERIODS_OF_ENDS, asked).scalars())))
            rows = connection.execute(self._near(len(patterns), near), asked)
            found, are_elsewhere = _newest(rows, query, limit)
            if are_elsewhere:
                rows = connection.execute(elsewhere(len(patterns), near), asked)
                found = sorted([*found, *_newest(rows, query, limit)[0]])
        return found[-limit:][::-1]

    def still_matching(self, messages: Iterable[RoomEvent], query: Query) -> list[RoomEvent]:
        """Those whose text has not been changed to another one since they were found."""
        return [message for message in messages if query.matches(_content(message.body))]


def _newest(rows: Iterable[Any], query: Query, limit: int) -> tuple[list[int], bool]:
    """The last so many that match, and whether there are some whose words stand elsewhere."""
    are_elsewhere = False

    def here() -> Iterator[Stored]:
        nonlocal are_elsewhere
        for seq, words in rows:
            if isinstance(words, str):
                yield seq, words
            elif words is None:  # or else it is being taken at this moment, and is gone
                are_elsewhere = True

    candidates = that_could_match(here(), literals_of(query))
    matching = (seq for seq, words in candidates if query.matches(_content(unpacked(words)[1])))
    return [*deque(matching, limit)], are_elsewhere


def _content(body: bytes) -> str:
    """The text, and what its files are called and said to show; in the order in which they are stored."""
    said = _said(body)
    if not said.uploads:
        return said.content
    return "\n".join([said.content, *(text for file in said.uploads for text in (file.name, file.alt))])
