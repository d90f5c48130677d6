"""How texts go: so that after the alarm not a byte of them is in a file of ours.

Deleting a row is not enough. SQLite overwrites what it deletes, but not the copies of it that its trees
have left in gaps while they were kept in balance; PostgreSQL overwrites nothing at all. What helps is to
leave no page as it was: a table is written anew, within one transaction, without what has expired. That
costs as much as what lives in it, and meanwhile nobody else could write. So where much lives, PostgreSQL
copies it while everybody goes on (``replacing``); and on SQLite texts that expire beside many living ones are
overwritten where they stand: rows that were only ever appended have no copies, and what is as long as before
moves nothing.

Of texts nothing has to be remembered from one run to the next: what is to do is seen from the rows. Of what
else is written anew, ``traces`` knows whether it has to be.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import pairwise
from typing import Any

import psycopg
from sqlalchemy import (
    BindParameter,
    ColumnClause,
    ColumnElement,
    Connection,
    Executable,
    LargeBinary,
    Row,
    Table,
    TableClause,
    and_,
    bindparam,
    cast,
    column,
    delete,
    func,
    insert,
    literal_column,
    not_,
    select,
    update,
)
from sqlalchemy.exc import ProgrammingError

from chatapp.rooms.messages.pages import first_within
from chatapp.store import traces
from chatapp.store.database.engine import Database
from chatapp.store.forgetting.anew import is_begun, write_in_slices
from chatapp.store.forgetting.replacing import LOCK_TIMEOUT, drop_copy, has_copy, replace_table
from chatapp.store.models import texts

ROWS_AT_ONCE = 2500
BYTES_AT_ONCE = 256 * 1024  # of words: as long as they are overwritten, nobody else can write
FEW_ROWS = 250  # are written anew at once rather than in slices, or left where they stand

Asked = Mapping[str, Any]

Step = Callable[[Connection], int]
"""A part of the work, for one transaction; how many rows have lost their content."""

_cutoff: BindParameter[int] = bindparam("cutoff")
_after: BindParameter[int] = bindparam("after")


def forget_texts(database: Database, cutoff: int) -> Iterator[Step]:
    """The steps after which no text from up to ``cutoff`` (ms) is left, nor a trace of one.

    Whoever takes one executes it before they take the next.
    """
    forget = _forget_on_sqlite if database.is_sqlite else _forget_on_postgresql
    for table in texts:
        yield from forget(database, table, {"cutoff": cutoff})


def forget_traces(
    database: Database, table: Table, is_over: ColumnElement[bool], asked: Asked
) -> Iterator[Step]:
    """The steps after which the table holds nothing that ``is_over``, nor a trace of what was taken from it.

    None, if there is neither. Whoever takes one executes it before they take the next.
    """
    if is_begun(database, table):
        yield from write_in_slices(database, table, is_over, asked)
    elif traces.may_be_in(database, table, is_over, asked):
        if database.is_sqlite and _has_many_rows(database, table):
            yield from write_in_slices(database, table, is_over, asked)
        else:
            yield partial(write_anew, table, is_over, asked)


def _has_many_rows(database: Database, table: Table) -> bool:
    with database.reading() as connection:
        beyond = select(table.primary_key.columns[0]).offset(FEW_ROWS).limit(1)
        return connection.execute(beyond).first() is not None


def write_anew(table: Table, is_over: ColumnElement[bool], asked: Asked, connection: Connection) -> int:
    """Write the whole table anew without what ``is_over``; how many rows that was.

    Nobody else gets at it meanwhile.
    """
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
        connection.exec_driver_sql(f"LOCK TABLE {table.name} IN ACCESS EXCLUSIVE MODE")
    # Whatever columns it has: a newer version may have added some, and its nodes may live already.
    nothing = f"SELECT * FROM {table.name} WHERE false"  # noqa: S608 - our own tables
    names = [*connection.exec_driver_sql(nothing).keys()]
    kept, whole = (TableClause(name, *map(column, names)) for name in ("kept", table.name))
    columns: list[ColumnClause[Any]] = [*map(column, names)]
    gone = connection.execute(select(func.count()).select_from(table).where(is_over), asked).scalar_one()
    # On SQLite it is in memory: see ``use_memory``.
    connection.exec_driver_sql(f"CREATE TEMPORARY TABLE kept AS {nothing}")
    stays = select(*columns).select_from(table).where(not_(is_over))
    connection.execute(insert(kept).from_select(names, stays), asked)
    _clear(connection, table)
    in_order = select(kept).order_by(*(kept.c[key.name] for key in table.primary_key))
    connection.execute(insert(whole).from_select(names, in_order))
    connection.exec_driver_sql("DROP TABLE kept")
    traces.clear(connection, table)
    return int(gone)


def _clear(connection: Connection, table: Table) -> None:
    # SQLite takes a DELETE of everything for a TRUNCATE, and overwrites all pages.
    clear = "TRUNCATE" if connection.dialect.name == "postgresql" else "DELETE FROM"
    connection.exec_driver_sql(f"{clear} {table.name}")


def use_memory(database: Database) -> None:
    """What is set aside while a table is written anew must not lie in a file."""
    if database.is_sqlite:
        with database.reading() as connection:
            connection.exec_driver_sql("PRAGMA temp_store = MEMORY")


# --- SQLite -------------------------------------------------------------------------------


def _forget_on_sqlite(database: Database, table: Table, asked: Asked) -> Iterator[Step]:
    """What was overwritten is a blob, which no text is; what only holds the place of the last has no time."""
    is_text = func.typeof(table.c.words) == literal_column("'text'")
    lives = and_(is_text, table.c.ts > _cutoff)
    has_expired = and_(is_text, table.c.ts <= _cutoff)
    is_stale = and_(not_(lives), table.c.ts > 0)
    content = select(
        func.count().filter(lives), func.count().filter(has_expired), func.count().filter(is_stale)
    )
    with database.reading() as connection:
        living, expired, stale = connection.execute(content.select_from(table), asked).one()
    if living > FEW_ROWS:
        zeros = func.zeroblob(_bytes(table))  # as long as before: nothing moves
        overwrite = update(table).where(_piece(table), has_expired).values(words=zeros)
        for page in _pages(database, table, has_expired, asked) if expired else ():
            yield partial(_execute, overwrite, page)
    elif stale:
        remove = delete(table).where(_piece(table), is_stale)
        # The last page stays until the table is written anew: by it a run that was killed is known.
        for page, _ in pairwise(_pages(database, table, is_stale, asked)):
            yield partial(_execute, remove, page)
        yield partial(_write_anew_and_go_on, table, not_(lives), asked)


def _pages(database: Database, table: Table, which: ColumnElement[bool], asked: Asked) -> Iterator[Asked]:
    """The first and the last of some of those rows, in the order in which they were appended."""
    n = table.c.n
    page = select(n, _bytes(table)).where(n > _after, which).order_by(n).limit(ROWS_AT_ONCE)
    after = 0
    while True:
        with database.reading() as connection, connection.execute(page, {**asked, "after": after}) as rows:
            found = first_within(BYTES_AT_ONCE, rows, _size_of)
        if not found:
            return
        (first, _), (after, _) = found[0], found[-1]
        yield {**asked, "first": first, "last": after}


def _size_of(row: Row[int, int]) -> int:
    return row[1]


def _bytes(table: Table) -> ColumnElement[int]:
    return func.length(cast(table.c.words, LargeBinary))


def _piece(table: Table) -> ColumnElement[bool]:
    return table.c.n.between(bindparam("first"), bindparam("last"))


def _execute(statement: Executable, asked: Asked, connection: Connection) -> int:
    return connection.execute(statement, asked).rowcount


def _write_anew_and_go_on(
    table: Table, is_over: ColumnElement[bool], asked: Asked, connection: Connection
) -> int:
    """The numbers go on where they were, also if none of the last is left."""
    last = select(func.max(table.c.n))
    before = connection.scalar(last)
    gone = write_anew(table, is_over, asked, connection)
    if connection.scalar(last) != before:
        connection.execute(insert(table).values(n=before, ts=0, words=func.zeroblob(0)))
    return gone


# --- PostgreSQL ---------------------------------------------------------------------------


def _forget_on_postgresql(database: Database, table: Table, asked: Asked) -> Iterator[Step]:
    """Also what was never committed, where nothing else is there."""
    is_over = table.c.ts <= _cutoff
    size = func.pg_relation_size(literal_column(f"'{table.name}'"))
    content = select(func.count(), func.count().filter(is_over), size, has_copy(table)).select_from(table)
    with database.reading() as connection:
        rows, expired, size_bytes, is_copied = connection.execute(content, asked).one()
    if expired and rows - expired > FEW_ROWS:
        yield from replace_table(table, is_over, asked, expired)
        return
    if is_copied:
        yield drop_copy(table)
    if expired or (size_bytes and not rows):
        yield partial(write_anew, table, is_over, asked)


def switch_wal(database: Database) -> bool:
    """Have PostgreSQL end its log's file and let go of those before. False: it is not ours to ask for."""
    with database.reading() as connection:
        connection.exec_driver_sql("SET statement_timeout = 0")
        try:
            connection.exec_driver_sql("SELECT pg_switch_wal()")
            connection.exec_driver_sql("CHECKPOINT")
        except ProgrammingError as error:
            if isinstance(error.orig, psycopg.errors.InsufficientPrivilege):
                return False
            raise
        finally:
            connection.exec_driver_sql("RESET statement_timeout")
    return True
