"""A web node's eye on the alarm: where no worker comes, the node does the cleanup itself.

It runs on a real thread and a connection of its own, so that the chat notices nothing.
"""

from __future__ import annotations

import logging
from math import nan

from chatapp.errors import StorageUnavailable
from chatapp.files.port import Objects
from chatapp.jobs.cleanup import clean_up, found_by_sweeps, overdue, past_runs
from chatapp.jobs.report import Report
from chatapp.jobs.telling import tell
from chatapp.runtime import HubScheduler, Threads, real_sleep
from chatapp.store.database.engine import Database, open_database
from chatapp.store.database.failures import as_refusal, in_its_words
from chatapp.store.nodes.alarms import ClaimLost, Past

LOOK_SECONDS = 60.0
STOP_SECONDS = 0.5

logger = logging.getLogger(__name__)


class CatchUp:
    """Make it on the hub. ``stop`` waits for the transaction at hand, and for half a second at most."""

    def __init__(
        self,
        *,
        database_url: str,
        retention_ms: int,
        scheduler: HubScheduler,
        objects: Objects | None = None,
        look_seconds: float = LOOK_SECONDS,
    ) -> None:
        self._retention_ms = retention_ms
        self._scheduler = scheduler
        self._look_seconds = look_seconds
        self._is_stopping = False
        self._past: Past | None = None
        self._swept: tuple[float, float] = (nan, nan)
        self._objects = objects
        database = open_database(database_url)
        database.be_silent()
        self._thread = Threads("cleanup", 1, lambda: database, close_state=Database.close)
        self._timer = scheduler.call_later(look_seconds, self._look)

    def stop(self) -> None:
        self._is_stopping = True
        self._timer.cancel()
        self._thread.stop(STOP_SECONDS)

    def oldest_age_seconds(self, now_ms: int) -> float:
        """The age that no stored message exceeds, as of the last look; NaN before the first."""
        return nan if self._past is None else (now_ms - self._past.done_cutoff) / 1000

    def unfinished_runs(self) -> float:
        """How many in a row could not finish, as of the last look; NaN before the first."""
        return nan if self._past is None else self._past.unfinished

    def orphans(self) -> float:
        """Objects that no file had any more, removed by all runs; NaN before the first look."""
        return self._swept[0]

    def incomplete_files(self) -> float:
        """Files of whose bytes some were not there, as of the last sweep; NaN before the first look."""
        return self._swept[1]

    def _look(self) -> None:
        self._thread.submit(self._clean_if_overdue, self._told)

    def _clean_if_overdue(self, database: Database) -> Report | None:
        report = None
        if overdue(database, self._retention_ms):
            report = clean_up(database, self._retention_ms, objects=self._objects, pause=self._pause)
        self._past, self._swept = past_runs(database), found_by_sweeps(database)
        return report

    def _pause(self, seconds: float) -> None:
        # As if killed: the next run finds what is left, here or elsewhere.
        if self._is_stopping:
            raise ClaimLost
        real_sleep(seconds)

    def _told(self, report: Report | BaseException | None) -> None:
        if isinstance(report, Report):
            tell(report)
        elif report is not None and not self._is_stopping:
            self._tell_failure(report)
        if not self._is_stopping:
            self._timer = self._scheduler.call_later(self._look_seconds, self._look)

    def _tell_failure(self, error: BaseException) -> None:
        # An outage is told by the store, once; the next look comes in a minute.
        if not isinstance(as_refusal(error), StorageUnavailable):
            logger.warning("cleanup could not be caught up: %s", in_its_words(error))
