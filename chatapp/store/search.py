"""The log, searched: piece by piece, without an index, for what is in an index must be forgotten there too.

The database lets pass what could match (``candidates``), and that is looked at exactly.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from itertools import islice
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, bindparam, select

from chatapp.rooms.events import RoomEvent
from chatapp.rooms.messages.query import Query
from chatapp.store.candidates import could_match, patterns_of
from chatapp.store.engine import Database
from chatapp.store.models import LIVING, events
from chatapp.store.texts import WORDS, unpacked


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

    def matches(
        self, room_id: str, query: Query, *, first: int, last: int, limit: int, cutoff: int
    ) -> list[int]:
        """The seqs of the newest messages from ``first`` to ``last`` that match, the newest first."""
        patterns = patterns_of(query)
        asked = {"room": room_id, "first": first, "last": last, "rows": last - first + 1, "cutoff": cutoff}
        asked |= {_name(place): pattern for place, pattern in enumerate(patterns)}
        with (
            self._database.reading() as connection,
            connection.execute(_candidates(len(patterns)), asked) as rows,
        ):
            return list(islice(_matching(rows, query), limit))

    def still_matching(self, messages: Iterable[RoomEvent], query: Query) -> list[RoomEvent]:
        """Those whose text has not been changed to another one since they were found."""
        return [message for message in messages if query.matches(_content(message.body))]


def _matching(rows: Iterable[Any], query: Query) -> Iterator[int]:
    for seq, words in rows:
        # What is being taken at this moment is gone.
        if isinstance(words, str) and query.matches(_content(unpacked(words)[1])):
            yield seq


def _content(body: bytes) -> str:
    """The text, and what its files are called and said to show; in the order in which they are stored."""
    said = _said(body)
    if not said.uploads:
        return said.content
    return "\n".join([said.content, *(text for file in said.uploads for text in (file.name, file.alt))])


@cache
def _candidates(patterns: int) -> Any:
    said = events.c
    # With a limit the words are a column of their own; else they would be looked up for each comparison.
    piece = (
        select(said.seq, WORDS)
        .where(
            said.room_id == bindparam("room"),
            said.seq >= bindparam("first"),
            said.seq <= bindparam("last"),
            said.type == "message",
            said.gone == LIVING,
            said.ts > bindparam("cutoff"),
        )
        .order_by(said.seq.desc())
        .limit(bindparam("rows"))
        .subquery()
    )
    likes: list[ColumnElement[str]] = [bindparam(_name(place)) for place in range(patterns)]
    return select(piece).where(could_match(piece.c.words, likes)).order_by(piece.c.seq.desc())


def _name(place: int) -> str:
    return f"pattern_{place}"
