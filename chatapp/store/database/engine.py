"""A thread's own way into the database: an engine of its own and one connection, kept open.

Nothing here is shared between threads, so nothing here waits for another thread. Writes are
transactions that take the write lock at their start (SQLite) or at their first row (PostgreSQL);
reads are single statements, each with its own snapshot, and hold nothing afterwards.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

from sqlalchemy import BigInteger, Connection, Engine, FunctionElement, Transaction, event
from sqlalchemy.exc import DisconnectionError, SQLAlchemyError
from sqlalchemy.ext.compiler import compiles

from chatapp.store.database.address import sqlite_path
from chatapp.store.database.postgresql import postgresql_engine
from chatapp.store.database.sqlite import do_not_wait, sqlite_engine

# Loggers take a lock on the way to saying nothing; a disabled one does not.
_LOGGERS = ("sqlalchemy.dialects.postgresql", "psycopg", "psycopg.pool")

DAY_MS = 86_400_000


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
            event.listen(self.engine, "connect", do_not_wait)

    @contextmanager
    def hasty(self) -> Iterator[None]:
        """What is committed in the block may be lost with the power: on SQLite nobody waits for the disk.

        For what is found and done again, so that it keeps nobody else from writing for as long.
        """
        with self.reading() as connection:
            before = connection.exec_driver_sql("PRAGMA synchronous").scalar_one() if self.is_sqlite else None
        self._be_synchronous("NORMAL")
        try:
            yield
        finally:
            self._be_synchronous(before)

    def _be_synchronous(self, how: str | int | None) -> None:
        if self.is_sqlite:
            with self.reading() as connection:
                connection.exec_driver_sql(f"PRAGMA synchronous = {how}")

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
    """For one thread."""
    is_sqlite = sqlite_path(url) is not None
    return Database(sqlite_engine(url) if is_sqlite else postgresql_engine(url))
