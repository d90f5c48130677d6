"""Replacing: on PostgreSQL, a table of texts gives its place to a copy without what has expired.

Written anew in one transaction, a million rows keep everybody from writing for seconds. But rows of these
tables are only appended, and change no more than once: what is taken back is emptied. So all that lives is
copied while everybody goes on, as pg_repack does it; and only for what has come meanwhile, and for the
moment in which one takes the other's name, nobody else gets at the table.

What was taken back meanwhile is in the copy: it is emptied there as well, and goes with the next alarm, as
it would have. A copy that was left by a run that was killed is thrown away by the next one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, TableClause, column, func, insert, select, text

LOCK_TIMEOUT = "200ms"  # all others queue behind who waits for a whole table

Step = Callable[[Connection], int]

_NUMBERED = text("SELECT last_value FROM texts_n")


def has_copy(table: Table) -> ColumnElement[bool]:
    """Whether a run that was killed has left one."""
    return func.to_regclass(_copy_of(table)).is_not(None)


def drop_copy(table: Table) -> Step:
    def drop(connection: Connection) -> int:
        connection.exec_driver_sql(f"DROP TABLE IF EXISTS {_copy_of(table)}")
        return 0

    return drop


def replace_table(
    table: Table, is_over: ColumnElement[bool], asked: Mapping[str, Any], expired: int
) -> Iterator[Step]:
    """Its steps, each for one transaction; one that was kept from its lock leaves nothing to the next.

    The last one says that ``expired`` rows have gone, as somebody has counted them before.
    """
    upto: list[int] = []  # no text with a number up to there is yet to come
    copied: list[bool] = []

    def look(connection: Connection) -> int:
        _hold(connection, table, "SHARE")  # nobody is about to store a text that is numbered already
        upto.append(connection.execute(_NUMBERED).scalar_one())
        return 0

    def copy(connection: Connection) -> int:
        if upto:
            _make_copy(connection, table)
            _append(connection, table, ~is_over & (table.c.n <= upto[0]), asked)
            copied.append(True)
        return 0

    def swap(connection: Connection) -> int:
        if not copied:
            return 0
        connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
        _hold(connection, table, "ACCESS EXCLUSIVE")
        _append(connection, table, table.c.n > upto[0], asked)
        _empty_in_copy(connection, table)
        _take_the_name(connection, table)
        return expired

    return iter((drop_copy(table), look, copy, swap))


def _make_copy(connection: Connection, table: Table) -> None:
    name = _copy_of(table)
    connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
    connection.exec_driver_sql(f"CREATE TABLE {name} (LIKE {table.name} INCLUDING ALL)")
    # No samples of what people write, as in the table itself.
    connection.exec_driver_sql(f"ALTER TABLE {name} ALTER COLUMN words SET STATISTICS 0")


def _copy_of(table: Table) -> str:
    return f"{table.name}_anew"


def _hold(connection: Connection, table: Table, mode: str) -> None:
    connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
    connection.exec_driver_sql(f"LOCK TABLE {table.name} IN {mode} MODE")


def _append(
    connection: Connection, table: Table, which: ColumnElement[bool], asked: Mapping[str, Any]
) -> None:
    names = [each.name for each in table.c]
    rows = select(table).where(which).order_by(table.c.n)
    copy = TableClause(_copy_of(table), *map(column, names))
    connection.execute(insert(copy).from_select(names, rows), asked)


def _empty_in_copy(connection: Connection, table: Table) -> None:
    connection.exec_driver_sql(
        f"UPDATE {_copy_of(table)} AS copy SET ts = 0, words = '' FROM {table.name} AS held "  # noqa: S608
        "WHERE held.ts = 0 AND copy.n = held.n AND copy.ts > 0"
    )


def _take_the_name(connection: Connection, table: Table) -> None:
    name, copy = table.name, _copy_of(table)
    connection.exec_driver_sql(f"DROP TABLE {name}")
    connection.exec_driver_sql(f"ALTER TABLE {copy} RENAME TO {name}")
    connection.exec_driver_sql(f"ALTER INDEX {copy}_pkey RENAME TO {name}_pkey")
