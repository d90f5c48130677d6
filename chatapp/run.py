"""A web node and a worker on this machine, kept running: ``python -m chatapp.run``, or ``make run``.

The node depends on nobody: without a worker it goes on, and does the cleanup itself when that is overdue.
Ctrl-C, SIGTERM and a closed terminal (SIGHUP) end both. Settings come from the environment.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from chatapp.output import never_wait_for_readers
from chatapp.private import create_privately
from chatapp.restarts import RestartCounts
from chatapp.settings import Settings, SettingsError
from chatapp.supervisor import Program, Supervisor, run

ROOT = Path(__file__).resolve().parent.parent
NODE = ("app.py",)
CELERY = ("-m", "celery", "--quiet", "--app", "celery_worker")
# No gossip and no mingle: there is nobody to talk to.
WORKER = (
    *CELERY,
    "worker",
    "--pool",
    "solo",
    "--without-gossip",
    "--without-mingle",
    "--loglevel",
    "WARNING",
)


def main() -> int:
    """Returns the exit code: 0 after a stop, or the node's when it could not start."""
    argparse.ArgumentParser(prog="python -m chatapp.run", description=__doc__).parse_args()
    create_privately()
    never_wait_for_readers()
    try:
        settings = Settings.from_environment()
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 1
    counts = RestartCounts(ROOT / settings.data_dir)
    counts.start("worker")
    return run(_start, on_restart=counts.add)


async def _start(supervisor: Supervisor) -> None:
    node = Program(name="web", command=(sys.executable, *NODE), folder=ROOT, is_essential=True)
    worker = Program(name="worker", command=(sys.executable, *WORKER, "--beat"), folder=ROOT)
    supervisor.keep(node, worker)


if __name__ == "__main__":
    sys.exit(main())
