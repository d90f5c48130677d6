"""The databases of threads: one for each, made on the hub, watched from there, and closed at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from chatapp.runtime import HubScheduler, Threads, boottime
from chatapp.store.database.deadline import Deadline
from chatapp.store.database.engine import Database, open_database

CALL_DEADLINE_SECONDS = 4.0  # the server ends a statement after 3
STOP_SECONDS = 1.5  # a database that hangs must not keep the process from ending
DEADLINE_CHECKS = 8  # within one deadline


class Databases:
    """``count`` times the one at ``url``, each for one thread. Make them on the hub, before the first turn.

    Not by the threads: making an engine takes locks that the hub may hold.
    """

    def __init__(self, url: str, count: int, *, call_deadline_seconds: float = CALL_DEADLINE_SECONDS) -> None:
        self._each = [open_database(url) for _ in range(count)]
        for database in self._each:
            database.be_silent()
        self._call_deadline_seconds = call_deadline_seconds
        self._scheduler = HubScheduler()

    def __iter__(self) -> Iterator[Database]:
        return iter(self._each)

    def watch(self, *looks: Callable[[], object]) -> None:
        """From now on end calls that take longer than any may. ``looks`` are called as often as they are."""
        # SQLite has no network that could swallow a call.
        deadlines = [
            Deadline(database.engine, seconds=self._call_deadline_seconds, elapsed=boottime)
            for database in self._each
            if not database.is_sqlite
        ]
        pause_seconds = self._call_deadline_seconds / DEADLINE_CHECKS

        def look() -> None:
            for deadline in deadlines:
                deadline.enforce()
            for each in looks:
                each()
            self._watching = self._scheduler.call_later(pause_seconds, look)

        look()

    def stop(self, *threads: Threads[Any]) -> None:
        """Have these finish what they were asked, then close. Blocks, not longer than ``STOP_SECONDS``.

        Call it last, and once they are watched.
        """
        ends_at = boottime() + STOP_SECONDS
        is_finished = [group.stop(max(0.0, ends_at - boottime())) for group in threads]
        self._watching.cancel()
        if all(is_finished):  # or else a connection may be in use, and ends with the process
            for database in self._each:
                database.close()
