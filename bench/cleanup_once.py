"""The alarm, once: `python -m bench.cleanup_once DATABASE_URL RETENTION_MS`; prints a line of JSON."""

from __future__ import annotations

import os
import sys
import time

import msgspec

from chatapp.jobs.cleanup import run_cleanup


def main(database_url: str, retention_ms: int) -> None:
    os.sched_setaffinity(0, range(os.cpu_count() or 1))  # a worker of its own is bound to no core
    began_at = time.monotonic()
    report = run_cleanup(database_url, retention_ms)
    line = {"rows": report.rows, "ending": report.ending.value, "seconds": time.monotonic() - began_at}
    sys.stdout.write(msgspec.json.encode(line).decode() + "\n")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
