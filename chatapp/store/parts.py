"""The parts of the store: each answers some kinds of what rooms ask, and stores some kinds of what they keep.

What an aspect of a room asks (``Question``) and keeps (``Record``) is found here by its type, so a new one
of either needs its part and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol

from sqlalchemy import Connection

from chatapp.rooms.aspect import Question, merged
from chatapp.rooms.events import Record

Reader = Callable[[str, Any], Any]
"""Takes the room's id and the question; gives what the question's docstring promises."""


Writer = Callable[[Connection, Sequence[Any]], None]
"""Stores the records of its kinds, in the order in which the room said them, in the transaction at hand.

One that is named for several kinds gets them together. May raise ``NoLongerSo``.
"""


class NoLongerSo(Exception):
    """What these rooms had read is no longer so, and what they decided must not be stored.

    Raised by the writer of a record of which others than its room may change what it rests on.
    """

    def __init__(self, room_ids: frozenset[str]) -> None:
        super().__init__(f"no longer so in {len(room_ids)} rooms")
        self.room_ids = room_ids


class Part(Protocol):
    @property
    def readers(self) -> Mapping[type[Question], Reader]: ...

    @property
    def writers(self) -> Mapping[type[Record], Writer]:
        """Those that come first are written first."""
        ...


def readers_of(parts: Iterable[Part]) -> dict[type[Question], Reader]:
    return merged(part.readers for part in parts)


def writers_of(parts: Iterable[Part]) -> dict[type[Record], Writer]:
    return merged(part.writers for part in parts)


def one_by_one(statement: Any, row: Callable[[Any], dict[str, Any]]) -> Writer:
    """For records that a statement each stores; ``row`` makes its parameters."""

    def write(connection: Connection, records: Sequence[Any]) -> None:
        connection.execute(statement, [row(record) for record in records])

    return write


def overwrite(statement: Any, table: Any) -> Any:
    """The upsert: what has the same key is replaced."""
    keys = [column.name for column in table.primary_key]
    others = {c.name: statement.excluded[c.name] for c in table.c if c.name not in keys}
    return statement.on_conflict_do_update(index_elements=keys, set_=others)
