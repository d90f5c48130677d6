"""The log, searched: piece by piece, without an index, for what is in an index must be forgotten there too.

The database lets pass what could match (``candidates``), and that is looked at exactly.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from chatapp.rooms.events import RoomEvent
from chatapp.rooms.messages.query import Query
from chatapp.store.candidates import literals_of, patterns_of, that_could_match
from chatapp.store.engine import Database
from chatapp.store.pieces import PERIODS_OF_ENDS, by_arrays, by_joins, named
from chatapp.store.texts import unpacked


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
        self._candidates = by_joins if database.is_sqlite else by_arrays

    def matches(
        self, room_id: str, query: Query, *, first: int, last: int, limit: int, cutoff: int
    ) -> list[int]:
        """The seqs of the newest messages from ``first`` to ``last`` that match, the newest first."""
        patterns = patterns_of(query)
        asked = {"room": room_id, "first": first, "last": last, "cutoff": cutoff}
        asked |= named(patterns)
        with self._database.reading() as connection:
            ends = connection.execute(PERIODS_OF_ENDS, asked).scalars()
            statement = self._candidates(len(patterns), tuple(sorted(set(ends))))
            with connection.execute(statement, asked) as rows:
                return [*deque(_matching(rows, query), limit)][::-1]

    def still_matching(self, messages: Iterable[RoomEvent], query: Query) -> list[RoomEvent]:
        """Those whose text has not been changed to another one since they were found."""
        return [message for message in messages if query.matches(_content(message.body))]


def _matching(rows: Iterable[Any], query: Query) -> Iterator[int]:
    # What is being taken at this moment is gone.
    there = ((seq, words) for seq, words in rows if isinstance(words, str))
    for seq, words in that_could_match(there, literals_of(query)):
        if query.matches(_content(unpacked(words)[1])):
            yield seq


def _content(body: bytes) -> str:
    """The text, and what its files are called and said to show; in the order in which they are stored."""
    said = _said(body)
    if not said.uploads:
        return said.content
    return "\n".join([said.content, *(text for file in said.uploads for text in (file.name, file.alt))])
