"""The alarm, once: `python -m faults.clean_up_once DATABASE_URL RETENTION_MS [NOW_MS [DATA_DIR]]`.

In that folder lie the files that people have sent; without it those are left alone. It prints a line of
JSON, and may run under a false clock. libfaketime 0.9 breaks the system call behind ``time.sleep``, but not
``select``, so that is what it pauses with.
"""

from __future__ import annotations

import os
import select
import sys
from pathlib import Path

import msgspec

from chatapp.files.objects import open_objects
from chatapp.jobs.cleanup import clean_up
from chatapp.settings import BROKEN
from chatapp.store.database.engine import open_database


def main(database_url: str, retention_ms: str, now_ms: str = "", data_dir: str = "") -> None:
    _break()
    database = open_database(database_url)
    try:
        report = clean_up(
            database,
            int(retention_ms),
            objects=open_objects(None, Path(data_dir)) if data_dir else None,
            now=(lambda: int(now_ms)) if now_ms else None,
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
    main(*sys.argv[1:])
