"""The process that nodes of tests are forked from: `python -m tests.forking`.

To import everything takes a node two seconds of processor time, and a hundred are started. Here it is
done once. What is forked has begun nothing yet: it gets an environment, a log and a program to run as
``__main__``, as if started for it alone. (Nodes that start from nothing are those of test_start.py, of
`make cluster` and of `make faults`.)

It does what it is told by lines of JSON, and answers each by one: ``{program, environment, log}`` forks,
and gives the pid; ``{ended: pid}`` gives the exit code of a process, or null while it runs.
"""

from __future__ import annotations

import gc
import json
import os
import runpy
import sys

import app  # noqa: F401 - it patches the world, and brings all that a node consists of


def serve() -> str | None:
    """The program to run, if this is a fork; None at the end."""
    for line in sys.stdin:
        order = json.loads(line)
        if "ended" in order:
            answer = exit_code(order["ended"])
        else:
            answer = os.fork()
            if answer == 0:
                settle(order["environment"], order["log"])
                return str(order["program"])
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()
    return None


def exit_code(pid: int) -> int | None:
    ended, status = os.waitpid(pid, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if ended else None


def settle(environment: dict[str, str], log: str) -> None:
    """Nothing of the parent is left."""
    os.environ.clear()
    os.environ.update(environment)
    kept = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for file, number in ((nothing, 0), (kept, 1), (kept, 2)):
        os.dup2(file, number)
    os.close(kept)
    os.close(nothing)


def main() -> None:
    assert len(sys._current_frames()) == 1, "a thread would be missing in what is forked"
    gc.freeze()  # or else each fork would look at all that was imported, and so copy it
    program = serve()
    if program is not None:
        sys.argv = [program]
        runpy.run_module(program, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
