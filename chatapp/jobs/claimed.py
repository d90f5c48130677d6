"""A run under its claim: everything that a cleanup does to the database goes through here.

Each transaction renews the claim, so that who has lost it stops, and is followed by the chat's turn. If
the disk is full it is tried once more, in the room of the write-ahead log and of the reserve.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from chatapp.jobs.plan import pause_seconds
from chatapp.jobs.report import TABLE_IN_USE, WAL_IN_USE, Ending, Report
from chatapp.store.database.engine import Database
from chatapp.store.database.failures import Failure, judge
from chatapp.store.forgetting import expiry, forgetting
from chatapp.store.forgetting.reserve import Reserve
from chatapp.store.nodes.alarms import Alarm

WAL_ATTEMPTS = 20
WAL_PAUSE_SECONDS = 0.25

T = TypeVar("T")


class ClaimedRun:
    """``now`` gives the time in ms, ``pause`` waits for so many seconds. Raises ``ClaimLost``."""

    def __init__(
        self, database: Database, alarm: Alarm, now: Callable[[], int], pause: Callable[[float], object]
    ) -> None:
        self.database = database
        self.alarm = alarm
        self.now = now
        self.report = Report(ending=Ending.DONE)
        self._pause = pause
        self._reserve = Reserve(database)

    def transact(self, work: Callable[[Connection], T]) -> T:
        now = self.now()
        started = time.monotonic()

        def transact() -> T:
            with self.database.writing() as connection:
                self.alarm.renew(connection, now)
                return work(connection)

        result = self.insist(transact)
        self._pause(pause_seconds(time.monotonic() - started))
        return result

    def transact_unless_held(self, step: forgetting.Step) -> int:
        """A table that somebody holds is left to the next run, and the others are not."""
        try:
            return self.transact(step)
        except DBAPIError as error:
            if judge(error) is not Failure.LOCKED:
                raise
        self.report.hinder(TABLE_IN_USE)
        return 0

    def insist(self, act: Callable[[], T]) -> T:
        """Whatever happens on a full disk, once more with more room."""
        try:
            return act()
        except Exception as error:
            if judge(error) is not Failure.FULL:
                raise
        self._reserve.spend()
        with suppress(SQLAlchemyError):
            expiry.truncate_wal(self.database)
        forgetting.use_memory(self.database)  # a connection whose COMMIT failed was replaced
        return act()

    def end(self) -> None:
        """The reserve is there again for the next one."""
        self._reserve.restore()

    # --- the write-ahead log --------------------------------------------------------------

    def truncate_wal(self) -> None:
        """What was deleted stands there still."""
        if self.database.is_sqlite:
            self.is_wal_free()
        else:
            self.report.is_wal_truncated = forgetting.switch_wal(self.database)

    def is_wal_free(self) -> bool:
        """Whether SQLite's could be truncated; if not, it is reported."""
        if not self.database.is_sqlite:
            return True
        for _ in range(WAL_ATTEMPTS):
            if expiry.truncate_wal(self.database):
                return True
            self._pause(WAL_PAUSE_SECONDS)
        self.report.is_wal_truncated = False
        self.report.hinder(WAL_IN_USE)
        return False
