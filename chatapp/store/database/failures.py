"""What a failed statement means.

The drivers speak of hundreds of errors; a caller can do one of five things. Whatever is not known
to be the fault of the row is taken for an outage, because a row that is refused wrongly would be
lost, and an outage is only tried again.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from enum import Enum, auto
from typing import TypeVar

import psycopg
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from chatapp.errors import ChatError, StorageFull, StorageUnavailable

S = TypeVar("S")
R = TypeVar("R")

CLIENT_ID_KEY = "events_room_id_user_id_client_id_key"
_CLIENT_ID_COLUMNS = "events.room_id, events.user_id, events.client_id"

# A full disk is reported as such, or as a failed write when a quota or a file size limit cut it.
_SQLITE_FULL = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_SHMSIZE)
_OUTAGES = (SQLAlchemyError, OSError, sqlite3.Error, psycopg.Error)
_POSTGRESQL_FULL = "53100"
_POSTGRESQL_LOCKED = ("55P03", "40P01")  # lock timeout, deadlock


class Failure(Enum):
    CLIENT_ID_TAKEN = auto()
    ROW_REFUSED = auto()
    LOCKED = auto()  # another transaction holds a row; others may go through
    FULL = auto()
    UNAVAILABLE = auto()


def judge(error: Exception) -> Failure:
    """Judge an error, of SQLAlchemy's or of a driver's own, that came before COMMIT."""
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return Failure.UNAVAILABLE
    said = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(said, sqlite3.Error):
        return _judge_sqlite(said)
    if isinstance(said, psycopg.Error):
        return _judge_postgresql(said)
    # The driver could not even send the value: a lone surrogate, a number of more than 64 bits.
    is_of_the_value = isinstance(said, ValueError | TypeError | OverflowError)
    return Failure.ROW_REFUSED if is_of_the_value else Failure.UNAVAILABLE


def as_refusal(error: BaseException) -> BaseException:
    """The ``ChatError`` for an outage of the database; any other error as it is."""
    if isinstance(error, ChatError) or not isinstance(error, _OUTAGES):
        return error
    is_full = judge(error) is Failure.FULL
    refusal = StorageFull() if is_full else StorageUnavailable()
    refusal.__cause__ = error
    return refusal


def naming_outages(job: Callable[[S], R]) -> Callable[[S], R]:
    """The same job: an outage of the database leaves it as its ``ChatError``, all else as it is."""

    def run(state: S) -> R:
        try:
            return job(state)
        except Exception as error:
            refusal = as_refusal(error)
            if refusal is error:
                raise
            raise refusal from error.__cause__ or error  # what the driver said

    return run


def as_outage(error: Exception) -> str | None:
    """What the database said, if it was away or full; None for anything else."""
    is_outage = isinstance(as_refusal(error), StorageUnavailable | StorageFull)
    return in_its_words(error) if is_outage else None


def in_its_words(error: BaseException | None) -> str:
    """What the database said, in one line: what follows the first may hold what people said."""
    said = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    lines = str(said or "").strip().splitlines()
    return lines[0].rstrip(".") if lines else type(said).__name__


def _judge_sqlite(error: sqlite3.Error) -> Failure:
    code = getattr(error, "sqlite_errorcode", None)
    if code in _SQLITE_FULL:
        return Failure.FULL
    if code == sqlite3.SQLITE_CONSTRAINT_UNIQUE and _CLIENT_ID_COLUMNS in str(error):
        return Failure.CLIENT_ID_TAKEN
    return _judge_kind(error, sqlite3)


def _judge_postgresql(error: psycopg.Error) -> Failure:
    if error.sqlstate == _POSTGRESQL_FULL:
        return Failure.FULL
    if error.sqlstate in _POSTGRESQL_LOCKED:
        return Failure.LOCKED
    if error.diag.constraint_name == CLIENT_ID_KEY:
        return Failure.CLIENT_ID_TAKEN
    return _judge_kind(error, psycopg)


def _judge_kind(error: BaseException, driver: object) -> Failure:
    kinds = tuple(getattr(driver, name) for name in ("DataError", "IntegrityError", "ProgrammingError"))
    return Failure.ROW_REFUSED if isinstance(error, kinds) else Failure.UNAVAILABLE
