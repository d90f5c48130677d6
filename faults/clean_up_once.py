"""The alarm, once: `python -m faults.clean_up_once DATABASE_URL RETENTION_MS [NOW_MS]`.

It prints a line of JSON, and may run under a false clock. libfaketime 0.9 breaks the system call behind
``time.sleep``, but not ``select``, so that is what it pauses with.
"""

from __future__ import annotations

import os
import select
import sys

import msgspec

from chatapp.jobs.cleanup import clean_up
from chatapp.settings import BROKEN
from chatapp.store.engine import open_database


def main(database_url: str, retention_ms: int, now_ms: int | None = None) -> None:
    _break()
    database = open_database(database_url)
    try:
        report = clean_up(
            database,
            retention_ms,
            now=None if now_ms is None else lambda: now_ms,
            pause=lambda seconds: select.select([], [], [], seconds),
        )
    finally:
        database.close()
    line = {"rows": report.rows, "ending": report.ending.value}
    sys.stdout.write(msgspec.json.encode(line).decode() + "\n")


def _break() -> None:
    """Into the broken build that is asked for, if one is."""
    if build := os.environ.get(BROKEN):
        from faults.broken import BUILDS  # noqa: PLC0415 - it brings with it all that a node consists of

        BUILDS[build]()


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
