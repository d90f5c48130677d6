"""Anew: on SQLite, a table of names gives its place to a copy, while everybody goes on.

Written anew in one transaction, 100,000 rows keep everybody from writing for a second. So the copy is made
in slices, in the order of the key, and triggers keep it in step: what is changed in the table is changed in
the copy. Then the copy takes the table's name, and what the table was is emptied in slices. With
``secure_delete`` a page is overwritten as a whole when the last row has left it, and with it the copies of
rows that lie in its gaps since its tree was balanced; with the last page goes the table.

A run that was killed has left a copy, or what the table was. The next one takes that away first, and begins
again: what lived when a copy was made may be over by now.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnClause,
    ColumnElement,
    Connection,
    FromClause,
    Row,
    Select,
    Table,
    TableClause,
    column,
    delete,
    func,
    literal,
    not_,
    select,
    true,
    tuple_,
)
from sqlalchemy.dialects.sqlite import insert

from chatapp.rooms.messages.pages import first_within
from chatapp.store import traces
from chatapp.store.database.engine import Database
from chatapp.store.forgetting.copy_schema import column_names, copy_of, drop_triggers, former, make_copy

ROWS_AT_ONCE = 100
BYTES_AT_ONCE = 64 * 1024  # of a slice: as long as it is copied or removed, nobody else can write

Asked = Mapping[str, Any]

Step = Callable[[Connection], int]
"""A part of the work, for one transaction; how many rows were found to be over."""


class Slice(NamedTuple):
    """Rows whose keys come after the one, if any, and up to the other."""

    after: tuple[Any, ...]
    upto: tuple[Any, ...]


def write_in_slices(
    database: Database, table: Table, is_over: ColumnElement[bool], asked: Asked
) -> Iterator[Step]:
    """The steps after which the table is written anew, without what ``is_over``.

    Whoever takes one executes it before they take the next.
    """
    yield from _remove_leftovers(database, table)
    yield partial(_begin, table)
    for table_slice in _slices(database, table, table.name):
        yield partial(_copy, table, table_slice, is_over, asked)
    yield partial(_swap, table)
    yield from _remove_former(database, table)


def is_begun(database: Database, table: Table) -> bool:
    """Whether a run that was killed has left something."""
    return database.is_sqlite and any(_exists(database, name) for name in (copy_of(table), former(table)))


# --- the steps ----------------------------------------------------------------------------


def _begin(table: Table, connection: Connection) -> int:
    """What is taken from the table from now on leaves its note: it may be in the copy already."""
    make_copy(connection, table)
    traces.clear(connection, table)
    return 0


def _copy(
    table: Table, table_slice: Slice, is_over: ColumnElement[bool], asked: Asked, connection: Connection
) -> int:
    """What was changed since the beginning is in the copy already."""
    within = _within(table, table, table_slice)
    over = select(func.count()).select_from(table).where(within, is_over)
    gone = connection.execute(over, asked).scalar_one()
    # Whatever columns it has: a newer version may have added some.
    names = column_names(connection, table)
    columns: list[ColumnClause[Any]] = [*map(column, names)]
    living = select(*columns).select_from(table).where(within, not_(is_over)).order_by(*table.primary_key)
    into = insert(TableClause(copy_of(table), *map(column, names)))
    connection.execute(into.from_select(names, living).on_conflict_do_nothing(), asked)
    return int(gone)


def _swap(table: Table, connection: Connection) -> int:
    drop_triggers(connection, table)
    connection.exec_driver_sql(f"ALTER TABLE {table.name} RENAME TO {former(table)}")
    connection.exec_driver_sql(f"ALTER TABLE {copy_of(table)} RENAME TO {table.name}")
    return 0


def _remove_leftovers(database: Database, table: Table) -> Iterator[Step]:
    yield from _remove_former(database, table)
    if _exists(database, copy_of(table)):
        yield partial(_give_up_copy, table)
        yield from _remove_former(database, table)


def _give_up_copy(table: Table, connection: Connection) -> int:
    drop_triggers(connection, table)
    connection.exec_driver_sql(f"ALTER TABLE {copy_of(table)} RENAME TO {former(table)}")
    return 0


def _remove_former(database: Database, table: Table) -> Iterator[Step]:
    if _exists(database, former(table)):
        for table_slice in _slices(database, table, former(table)):
            yield partial(_remove, table, table_slice)
        yield partial(_drop, table)


def _remove(table: Table, table_slice: Slice, connection: Connection) -> int:
    rows = _named(table, former(table))
    connection.execute(delete(rows).where(_within(table, rows, table_slice)))
    return 0


def _drop(table: Table, connection: Connection) -> int:
    connection.exec_driver_sql(f"DROP TABLE {former(table)}")
    return 0


# --- slices -------------------------------------------------------------------------------


def _slices(database: Database, table: Table, name: str) -> Iterator[Slice]:
    """Of all rows, in the order of the key; the next one is looked up when it is asked for."""
    rows = _named(table, name)
    key = _key(table, rows)
    size = sum((func.coalesce(func.length(each), 0) for each in rows.c), start=literal(0))
    page: Select[Any] = select(*key, size).order_by(*key).limit(ROWS_AT_ONCE)
    after: tuple[Any, ...] = ()
    while True:
        which = _after(key, after)
        with database.reading() as connection, connection.execute(page.where(which)) as found:
            fitting = first_within(BYTES_AT_ONCE, found, _size_of)
        if not fitting:
            return
        upto = tuple(fitting[-1][:-1])
        yield Slice(after, upto)
        after = upto


def _size_of(row: Row[Any]) -> int:
    return int(row[-1])


def _within(table: Table, rows: FromClause, table_slice: Slice) -> ColumnElement[bool]:
    key = _key(table, rows)
    return _after(key, table_slice.after) & (tuple_(*key) <= tuple_(*map(literal, table_slice.upto)))


def _after(key: list[ColumnElement[Any]], place: tuple[Any, ...]) -> ColumnElement[bool]:
    return tuple_(*key) > tuple_(*map(literal, place)) if place else true()


def _key(table: Table, rows: FromClause) -> list[ColumnElement[Any]]:
    return [rows.c[each.name] for each in table.primary_key]


def _named(table: Table, name: str) -> TableClause:
    return TableClause(name, *(column(each.name, each.type) for each in table.c))


def _exists(database: Database, name: str) -> bool:
    with database.reading() as connection:
        asked = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?"
        return connection.exec_driver_sql(asked, (name,)).first() is not None
