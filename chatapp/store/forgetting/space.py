"""Space: SQLite's free pages, given back to the disk.

What is deleted leaves free pages in the file, which would never become smaller. They are given back
by incremental vacuum, in transactions so short that a message hardly waits for one. PostgreSQL's own
vacuum does what can be done there.
"""

from __future__ import annotations

import logging
from time import monotonic

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from chatapp.store.database.engine import Database
from chatapp.store.database.sqlite import SHRINKABLE

PAGES_AT_ONCE = 64
SECONDS_AT_ONCE = 0.003  # COMMIT comes on top of it

_INCREMENTAL = 2

logger = logging.getLogger(__name__)


def give_back(connection: Connection) -> int:
    """Free up to ``PAGES_AT_ONCE`` pages at the file's end; zero: there are no more."""
    if connection.dialect.name != "sqlite" or _pragma(connection, "auto_vacuum") != _INCREMENTAL:
        return 0
    before = left = _pragma(connection, "freelist_count")
    ends_at = monotonic() + SECONDS_AT_ONCE
    while left > max(0, before - PAGES_AT_ONCE) and monotonic() < ends_at:
        # One page each: Python steps a statement without columns once only, whatever number is given.
        connection.exec_driver_sql("PRAGMA incremental_vacuum(1)")
        left -= 1
    return before - left


def make_shrinkable(database: Database) -> None:
    """Rewrite, once, a file from before it could become smaller. It works without, too."""
    with database.reading() as connection:
        if _pragma(connection, "auto_vacuum") == _INCREMENTAL:
            return
        try:
            connection.exec_driver_sql(SHRINKABLE)
            connection.exec_driver_sql("VACUUM")
        except DBAPIError as error:  # somebody else is in it, or there is no space for a copy
            logger.warning("the database file cannot shrink yet: %s", error.orig)


def _pragma(connection: Connection, name: str) -> int:
    return int(connection.exec_driver_sql(f"PRAGMA {name}").scalar_one())
