"""Many rows with one statement.

Handing rows to the driver one by one costs more than storing them, and each row is an occasion to
lose the interpreter to the hub. So the text of a statement is compiled once, when it is first needed (there
are a hundred of them, for each table of texts its own, which took a start 50 ms), and then executed with all
rows as its parameters: on PostgreSQL as one array a column, so that it takes one journey however
many rows there are; on SQLite, which knows no arrays, as lists of 1, 2, 4, … rows.

It is compiled by SQLAlchemy and executed by the driver itself, on the connection of SQLAlchemy's: of
the 200 µs that a commit of one message took, 100 went into results and events that nobody looks at.
So values go in and rows come out as the driver has them, and its errors are its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, Protocol

from sqlalchemy import Connection, bindparam, cast, column, func, values
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql import ClauseElement, FromClause
from sqlalchemy.types import TypeEngine

from chatapp.store.database.engine import Database

LARGEST_LIST = 256  # rows in one statement on SQLite

Row = tuple[Any, ...]
Columns = Mapping[str, TypeEngine[Any]]
Make = Callable[[FromClause], ClauseElement]
"""Makes the statement; what it is given stands for the rows, with the columns that were named."""


class Bulk(Protocol):
    """A statement about many rows."""

    def execute(self, connection: Connection, rows: Sequence[Row]) -> Sequence[Row]:
        """What the statement returns for all of them. Raises the driver's errors."""
        ...


def bulk(database: Database, columns: Columns, make: Make) -> Bulk:
    return _Lists(database, columns, make) if database.is_sqlite else _Arrays(database, columns, make)


class _Arrays:
    _text = ""

    def __init__(self, database: Database, columns: Columns, make: Make) -> None:
        self._database, self._columns, self._make = database, columns, make

    def _compiled(self) -> str:
        arrays = (cast(bindparam(name), ARRAY(type_)) for name, type_ in self._columns.items())
        rows = func.unnest(*arrays).table_valued(*self._columns).render_derived("asked")
        return str(self._make(rows).compile(dialect=self._database.engine.dialect))

    def execute(self, connection: Connection, rows: Sequence[Row]) -> Sequence[Row]:
        if not rows:
            return ()
        self._text = self._text or self._compiled()
        arrays = map(list, zip(*rows, strict=True))
        return _run(connection, self._text, dict(zip(self._columns, arrays, strict=True)))


class _Lists:
    """A statement for each power of two, which the driver keeps prepared."""

    _texts: Mapping[int, str] = {}

    def __init__(self, database: Database, columns: Columns, make: Make) -> None:
        self._database, self._columns, self._make = database, columns, make

    def _compiled(self) -> Mapping[int, str]:
        # ``WITH asked(…) AS (VALUES (?, …))``: SQLite has no other way to name the columns of a list.
        one: Row = tuple(bindparam(name) for name in self._columns)
        named = (column(name, type_) for name, type_ in self._columns.items())
        rows = values(*named, name="asked").data([one]).cte("asked")
        text = str(self._make(rows).compile(dialect=self._database.engine.dialect))
        row = f"({', '.join('?' * len(self._columns))})"
        sizes = (LARGEST_LIST >> n for n in range(LARGEST_LIST.bit_length()))
        return {size: text.replace(row, ", ".join([row] * size), 1) for size in sizes}

    def execute(self, connection: Connection, rows: Sequence[Row]) -> Sequence[Row]:
        self._texts = self._texts or self._compiled()
        returned: list[Row] = []
        for text, part in self._parts(rows):
            returned += _run(connection, text, tuple(chain.from_iterable(part)))
        return returned

    def _parts(self, rows: Sequence[Row]) -> Iterator[tuple[str, Sequence[Row]]]:
        done = 0
        for size, text in self._texts.items():
            while len(rows) - done >= size:
                yield text, rows[done : done + size]
                done += size


def _run(connection: Connection, text: str, parameters: Any) -> Sequence[Row]:
    cursor = connection.connection.cursor()
    try:
        cursor.execute(text, parameters)
        return cursor.fetchall() if cursor.description else ()
    finally:
        cursor.close()
