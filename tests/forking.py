"""The process that others of tests are forked from: `python -m tests.forking MODULE…`.

To import everything takes a node two seconds of processor time, and a hundred are started. Here it is
done once, for all that are to begin with these modules. What is forked has begun nothing yet: it gets an
environment, a folder, files to print to and a program to run as ``__main__``, as if started for it alone.
(From nothing start some programs of test_start.py, test_worker.py and test_restore.py, one of each kind,
and those of `make cluster`, `make run` and `make faults`.)

It does what it is told by lines of JSON, and answers each by one: ``{command, environment, folder, log,
errors}`` forks, and gives the pid; ``{ended: pid}`` gives the exit code of a process, or null while it runs;
``{end: pid}`` kills it with its session, and gives nothing. At the end it kills all that are left.
"""

from __future__ import annotations

import gc
import json
import os
import runpy
import signal
import sys
from contextlib import suppress
from importlib import import_module
from typing import Any


def serve() -> list[str] | None:
    """The command to run, if this is a fork; None at the end."""
    running: set[int] = set()
    for line in sys.stdin:
        order, answer = json.loads(line), None
        if "ended" in order:
            answer = exit_code(order["ended"], running)
        elif "end" in order:
            end(order["end"], running)
        else:
            answer = os.fork()
            if answer == 0:
                return settled(order)
            running.add(answer)
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()
    for pid in running:
        end(pid, running)
    return None


def exit_code(pid: int, running: set[int]) -> int | None:
    ended, status = os.waitpid(pid, os.WNOHANG)
    if not ended:
        return None
    running.discard(pid)
    return os.waitstatus_to_exitcode(status)


def end(pid: int, running: set[int]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)
    if pid in running:  # and perhaps does not lead its session yet
        os.kill(pid, signal.SIGKILL)


def settled(order: dict[str, Any]) -> list[str]:
    """Nothing of the parent is left; the command."""
    os.setsid()
    os.chdir(order["folder"])
    os.environ.clear()
    os.environ.update(order["environment"])
    for name, how, number in (
        (os.devnull, os.O_RDONLY, 0),
        (order["log"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 1),
        (order["errors"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 2),
    ):
        file = os.open(name, how)
        os.dup2(file, number)
        os.close(file)
    command: list[str] = order["command"]
    return command


def main() -> None:
    for module in sys.argv[1:]:
        import_module(module)
    assert len(sys._current_frames()) == 1, "a thread would be missing in what is forked"
    gc.freeze()  # or else each fork would look at all that was imported, and so copy it
    command = serve()
    if command is not None:
        sys.argv = command
        runpy.run_module(command[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
