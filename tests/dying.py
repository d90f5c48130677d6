"""Cleanups that die at one of their points: `python -m tests.dying`, told by lines of JSON where.

A point is behind each statement that may change a file, or behind the COMMIT after it. It is named by the
statement, without numbers: which of the tables of texts are met differs from hour to hour.

Each cleanup is a process of its own, forked from one that has cleaned up once already: to import everything
and to compile all statements anew costs several times as much as what is done with them. At a fork nothing
is connected, for neither SQLite's locks nor a socket may be shared.
"""

from __future__ import annotations

import json
import os
import re
import signal
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from posix import getpid, kill
from typing import NamedTuple

from sqlalchemy import Connection, Engine, event

from chatapp.files.folder import FolderObjects
from chatapp.jobs.cleanup import clean_up
from chatapp.store.database.engine import open_database
from chatapp.store.forgetting import anew, forgetting
from faults.failpoints import watch_statements

_CHANGE = re.compile(
    "INSERT|UPDATE|DELETE|CREATE|DROP|ALTER|TRUNCATE|"
    "PRAGMA incremental|PRAGMA wal|CHECKPOINT|SELECT pg_switch_wal"
)
_NUMBERS = re.compile(r"\d+")


class Point(NamedTuple):
    """The n-th time, from 1, that this was executed."""

    name: str
    n: int


class Points:
    """Tells of each point of what is executed in this process, from now until ``end``."""

    def __init__(self, reached: Callable[[Point], None]) -> None:
        self._reached = reached
        self._last = ""
        self._counts: dict[str, int] = {}
        self._end = watch_statements(self._on_statement)
        event.listen(Engine, "begin", self._on_begin)

    def end(self) -> None:
        self._end()
        event.remove(Engine, "begin", self._on_begin)

    def watched(self, objects: FolderObjects) -> FolderObjects:
        """Objects of which each removal is a point too, before and behind it."""
        delete = objects.delete

        def dying(names: Iterable[str]) -> None:
            for name in names:
                self._hit("before an object goes")
                delete([name])
                self._hit("behind an object that is gone")

        objects.delete = dying  # type: ignore[method-assign]
        return objects

    def _on_statement(self, _connection: Connection, statement: str) -> None:
        if _CHANGE.match(statement):
            self._last = _NUMBERS.sub("", statement)
            self._hit(self._last)

    def _on_begin(self, _connection: Connection) -> None:
        if self._last:
            self._hit(f"the COMMIT of {self._last}")
            self._last = ""

    def _hit(self, name: str) -> None:
        n = self._counts[name] = self._counts.get(name, 0) + 1
        self._reached(Point(name, n))


class Cleaner:
    """Cleans up one chat, which its environment names, in itself or in processes that die."""

    def __init__(self) -> None:
        rows = map(int, os.environ["ROWS"].split())
        forgetting.FEW_ROWS, forgetting.ROWS_AT_ONCE, anew.ROWS_AT_ONCE = rows
        self._database = open_database(os.environ["DATABASE_URL"])
        self._retention_ms = int(os.environ["RETENTION_MS"])
        self._objects = FolderObjects(Path(os.environ["UPLOADS"]))

    def clean_up(self, now_ms: int, objects: FolderObjects | None = None) -> None:
        clean_up(
            self._database,
            self._retention_ms,
            objects=objects or self._objects,
            now=lambda: now_ms,
            pause=lambda _seconds: None,
        )
        self._database.close()

    def die_at(self, place: Point, now_ms: int) -> int:
        """How that process has ended: 0, if it did not come by there."""
        if pid := os.fork():
            _, status = os.waitpid(pid, 0)
            return os.waitstatus_to_exitcode(status)

        def die(point: Point) -> None:
            if point == place:
                kill(getpid(), signal.SIGKILL)

        self.clean_up(now_ms, Points(die).watched(self._objects))
        sys.exit()


def main() -> None:
    cleaner = Cleaner()
    for line in sys.stdin:
        order = json.loads(line)
        answer = 0
        if order["place"] is None:
            cleaner.clean_up(order["now_ms"])
        else:
            answer = cleaner.die_at(Point(*order["place"]), order["now_ms"])
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
