"""Keeps a program running: ``python -m cluster.kept <program> <argument>…``.

What ``restart: unless-stopped`` does for a container. SIGTERM comes to the whole process group, so
the program has it already; passing it on would make it two, and the second means *at once*.
"""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Sequence
from threading import Event

PAUSE_SECONDS = 1.0


def keep(command: Sequence[str], stopping: Event) -> int:
    """Start it again whenever it ends, until ``stopping``; returns the last exit code."""
    while True:
        process = subprocess.Popen(command)
        print(f"started as process {process.pid}", flush=True)
        code = process.wait()
        if stopping.wait(PAUSE_SECONDS):
            return code
        print(f"ended with {code}; starting it again", flush=True)


def main() -> int:
    stopping = Event()
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    return keep(sys.argv[1:], stopping)


if __name__ == "__main__":
    sys.exit(main())
