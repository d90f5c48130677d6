"""A thread's own way into the database: an engine of its own and one connection, kept open.

Nothing here is shared between threads, so nothing here waits for another thread. Writes are
transactions that take the write lock at their start (SQLite) or at their first row (PostgreSQL);
reads are single statements, each with its own snapshot, and hold nothing afterwards.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import Any, cast

from sqlalchemy import (
    URL,
    BigInteger,
    Connection,
    Engine,
    FunctionElement,
    Transaction,
    create_engine,
    event,
    make_url,
)
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.exc import ArgumentError, DisconnectionError, SQLAlchemyError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.pool import AssertionPool, ConnectionPoolEntry

NEEDED_SQLITE = (3, 35, 0)  # UPDATE … RETURNING

# Loggers take a lock on the way to saying nothing; a disabled one does not.
_LOGGERS = ("sqlalchemy.dialects.postgresql", "psycopg", "psycopg.pool")

DAY_MS = 86_400_000
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

# A frozen owner must give its row back, a vanished machine its locks: the server sees to both.
POSTGRESQL_OPTIONS = {
    "statement_timeout": "3s",
    "lock_timeout": "1s",
    "idle_in_transaction_session_timeout": "2s",
    "tcp_keepalives_idle": "2",
    "tcp_keepalives_interval": "1",
    "tcp_keepalives_count": "3",
}


# What a URL may not say: we would say something else, and one of the two would be dropped in silence.
_OURS = ("connect_timeout", "tcp_user_timeout")


class UnusableUrl(ValueError):
    """What would be usable. Never repeats the URL, which may hold a password."""


class now_ms(FunctionElement[int]):
    """The database's clock in ms. Moves on within a transaction too, unlike ``now()``."""

    type = BigInteger()
    inherit_cache = True


@compiles(now_ms, "postgresql")
def _now_on_postgresql(_element: object, _compiler: object, **_: object) -> str:
    return "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS bigint)"


@compiles(now_ms, "sqlite")
def _now_on_sqlite(_element: object, _compiler: object, **_: object) -> str:
    # Half a millisecond, because a Julian day as a float is a little off either way.
    return "CAST((julianday('now') - 2440587.5) * 86400000 + 0.5 AS INTEGER)"


class _OneConnection(AssertionPool):
    """Keeps one connection, replaces it when it breaks, and knows no lock."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs, store_traceback=False)


class Database:
    """One thread's connection. Nothing connects before the first use."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.is_sqlite = engine.dialect.name == "sqlite"
        as_reader = {"is_reading": True} if self.is_sqlite else {"isolation_level": "AUTOCOMMIT"}
        self._reading = engine.execution_options(**as_reader)
        self._is_doubtful = False
        self._is_hasty = False
        event.listen(engine, "checkout", self._renew)

    def reading(self) -> Connection:
        """Use as a context manager. Each statement stands, and commits, by itself."""
        return self._reading.connect()

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction: committed at the end of the block, rolled back by an exception."""
        connection = self.engine.connect()
        try:
            transaction = connection.begin()
            yield connection
            commit(connection, transaction)
        finally:
            let_go(connection)

    def doubt(self) -> None:
        """Take a new connection with the next use: the old one may have ended in an outage unnoticed."""
        self._is_doubtful = not self.is_sqlite

    def _renew(self, *_: object) -> None:
        if self._is_doubtful:
            self._is_doubtful = False
            raise DisconnectionError  # to SQLAlchemy: replace it, and nobody shall notice

    def be_hasty(self) -> None:
        """For what may be lost with the power: on SQLite commits do not wait for the disk.

        The next one of somebody who does wait takes them along. Call it before the first use.
        """
        if self.is_sqlite:
            self._is_hasty = True
            event.listen(self.engine, "connect", _do_not_wait)

    @contextmanager
    def lasting(self) -> Iterator[None]:
        """What is committed in the block outlives a loss of power, also for who is hasty.

        For what is followed by the removal of what the row before named.
        """
        self._wait_for_disk("FULL")
        try:
            yield
        finally:
            self._wait_for_disk("NORMAL")

    def _wait_for_disk(self, how: str) -> None:
        if self._is_hasty:
            with self.reading() as connection:
                connection.exec_driver_sql(f"PRAGMA synchronous = {how}")

    def be_silent(self) -> None:
        """For a thread that must not log, and for whoever tells of an outage once. Call it on the hub."""
        for speaker in (self.engine, self.engine.pool):
            cast(logging.Logger, speaker.logger).disabled = True
        for name in _LOGGERS:
            logging.getLogger(name).disabled = True

    def close(self) -> None:
        self.engine.dispose()


def commit(connection: Connection, transaction: Transaction) -> None:
    """COMMIT; a connection that failed at it is thrown away, with whatever it still holds open."""
    try:
        transaction.commit()
    except BaseException:
        connection.invalidate()
        raise


def let_go(connection: Connection) -> None:
    """Roll back what is open. A connection that cannot even do that is thrown away."""
    try:
        connection.close()
    except SQLAlchemyError:
        if not connection.closed:
            connection.invalidate()


def open_database(url: str) -> Database:
    return Database(make_engine(url))


def make_engine(url: str) -> Engine:
    """An engine with one connection, for one thread."""
    if sqlite_path(url) is not None:
        return _sqlite_engine(url)
    return _postgresql_engine(url)


def sqlite_path(url: str) -> Path | None:
    """The file that a SQLite URL names; None for another database."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return None
    if not parsed.database or parsed.database == ":memory:":
        raise ValueError("A chat in memory would forget everything: name a file in DATABASE_URL.")
    return Path(parsed.database)


def check_url(url: str) -> None:
    """Raises ``UnusableUrl`` for what SQLAlchemy cannot read, and for what would be dropped in silence."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise UnusableUrl(
            "give postgresql://user:password@host/name, with special characters as %.."
        ) from None
    if parsed.get_backend_name() == "sqlite":
        if parsed.query:
            raise UnusableUrl("a SQLite URL takes nothing behind a ?")
        return
    options = " ".join(_listed(parsed, "options"))
    taken = [name for name in POSTGRESQL_OPTIONS if name in options.replace("-", "_")]
    taken += [name for name in _OURS if name in parsed.query]
    if taken:
        raise UnusableUrl(f"the chat itself sets {', '.join(taken)}")


def _listed(url: URL, name: str) -> list[str]:
    value = url.query.get(name, ())
    return [value] if isinstance(value, str) else list(value)


def _sqlite_engine(url: str) -> Engine:
    if sqlite3.sqlite_version_info < NEEDED_SQLITE:
        raise RuntimeError(f"SQLite 3.35 or newer is needed, this is {sqlite3.sqlite_version}.")
    # check_same_thread: an engine is made where it is wired and used on one other thread.
    engine = create_engine(
        url,
        poolclass=_OneConnection,
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


def _do_not_wait(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
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


def _postgresql_engine(url: str) -> Engine:
    parsed = make_url(url)
    ours = [f"-c {name}={value}" for name, value in POSTGRESQL_OPTIONS.items()]
    return create_engine(
        parsed.set(drivername="postgresql+psycopg"),
        poolclass=_OneConnection,
        hide_parameters=True,  # what people say is not for a log
        isolation_level="READ COMMITTED",
        connect_args={
            "options": " ".join([*_listed(parsed, "options"), *ours]),
            "connect_timeout": 2,
            "tcp_user_timeout": 3000,
            "application_name": " ".join(_listed(parsed, "application_name")) or "chat",
        },
    )
