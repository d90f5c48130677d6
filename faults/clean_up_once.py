"""The alarm, once: `python -m faults.clean_up_once DATABASE_URL RETENTION_MS`; prints a line of JSON.

It may run under a false clock. libfaketime 0.9 breaks the system call behind ``time.sleep``, but not
``select``, so that is what it pauses with.
"""

from __future__ import annotations

import select
import sys

import msgspec

from chatapp.jobs.cleanup import clean_up
from chatapp.store.engine import open_database


def main(database_url: str, retention_ms: int) -> None:
    database = open_database(database_url)
    try:
        report = clean_up(database, retention_ms, pause=lambda seconds: select.select([], [], [], seconds))
    finally:
        database.close()
    line = {"rows": report.rows, "ending": report.ending.value}
    sys.stdout.write(msgspec.json.encode(line).decode() + "\n")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
