"""SQLite as we use it: what each connection is told, and how it takes its write lock."""

from __future__ import annotations

import sqlite3
from time import monotonic

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.pool import ConnectionPoolEntry

from chatapp.store.database.pool import OneConnection

NEEDED_SQLITE = (3, 35, 0)  # UPDATE … RETURNING

LOCK_SECONDS = 3.0
BUSY_TIMEOUT = "PRAGMA busy_timeout = 3000"
SHRINKABLE = "PRAGMA auto_vacuum = INCREMENTAL"

# What each SQLite connection is told. FULL: a commit is on the disk before anyone hears of it.
# secure_delete: what is deleted is overwritten, not only unlinked.
SQLITE_PRAGMAS = (
    BUSY_TIMEOUT,
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",
)


def sqlite_engine(url: str) -> Engine:
    """Raises ``RuntimeError`` for a SQLite that is too old."""
    if sqlite3.sqlite_version_info < NEEDED_SQLITE:
        raise RuntimeError(f"SQLite 3.35 or newer is needed, this is {sqlite3.sqlite_version}.")
    # check_same_thread: an engine is made where it is wired and used on one other thread.
    engine = create_engine(
        url,
        poolclass=OneConnection,
        hide_parameters=True,
        connect_args={"isolation_level": None, "check_same_thread": False},
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
    if connection.execute("PRAGMA page_count").fetchone() == (0,):
        # A file that has tables hears it no more, and would take its write lock to say so.
        connection.execute(SHRINKABLE)
    for pragma in SQLITE_PRAGMAS:
        connection.execute(pragma)


def do_not_wait(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
    """For the disk, with a commit."""
    connection.execute("PRAGMA synchronous = NORMAL")


def _begin_sqlite(connection: Connection) -> None:
    # The driver would begin late and as a reader; a reader that wants to write fails at once.
    if not connection.get_execution_options().get("is_reading"):
        _take_write_lock(connection.connection.cursor())


def _take_write_lock(cursor: DBAPICursor) -> None:
    """BEGIN IMMEDIATE, asked for every millisecond while another process writes.

    SQLite by itself looks after 1, 3, 8, 18, 33 ms: behind a cleanup, whose transactions take three,
    a message would wait for eight.
    """
    cursor.execute("PRAGMA busy_timeout = 1")
    ends_at = monotonic() + LOCK_SECONDS
    try:
        while True:
            try:
                cursor.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or monotonic() > ends_at:
                    raise
            else:
                return
    finally:
        cursor.execute(BUSY_TIMEOUT)
