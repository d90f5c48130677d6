"""A web node and a worker on this machine, kept running: all that a chat needs.

The node depends on nobody: without a worker it goes on, and does the cleanup itself when that is overdue.
Ctrl-C, SIGTERM and a closed terminal (SIGHUP) end both. Data lies in instance/ of the current folder, unless
CHAT_DATA_DIR names another. Settings come from the environment: `chat node --help` lists them.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from chatapp import places
from chatapp.output import never_wait_for_readers
from chatapp.private import create_privately
from chatapp.restarts import RestartCounts
from chatapp.settings import Settings, SettingsError
from chatapp.supervisor import Program, Supervisor, run

NODE, WORKER = ("node",), ("worker", "--beat")


def main(arguments: Sequence[str], prog: str) -> int:
    """Returns the exit code: 0 after a stop, or the node's when it could not start."""
    argparse.ArgumentParser(prog=prog, description=__doc__).parse_args(arguments)
    create_privately()
    never_wait_for_readers()
    try:
        settings = Settings.from_environment()
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 1
    counts = RestartCounts(settings.data_dir)
    counts.start("worker")
    return run(_start, on_restart=counts.add)


async def _start(supervisor: Supervisor) -> None:
    node = Program(name="web", command=_ourselves(NODE), is_essential=True)
    supervisor.keep(node, Program(name="worker", command=_ourselves(WORKER)))


def _ourselves(arguments: Sequence[str]) -> Sequence[str]:
    """The same chat in another process; it imports from the current folder only if that is a checkout."""
    safely = ["-P"] if places.IS_INSTALLED else []
    return (sys.executable, *safely, "-m", "chatapp", *arguments)
