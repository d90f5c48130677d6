"""Processes that are forked, not started from nothing: the half of tests/forking.py that gives the orders."""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any

ROOT = Path(__file__).resolve().parent.parent
# What a parent imports before it forks. A node patches the world, and nobody else may meet that.
NODES = ("app", "tests.made_once")
OTHERS = (
    *("celery.bin.celery", "celery.apps.worker", "celery.apps.beat", "celery.worker.consumer"),
    *("chatapp.cli.worker", "chatapp.cli.backup", "chatapp.cli.restore"),
)
RUN_SECONDS = 60.0
_END_SECONDS = 10.0
_A_LOOK_SECONDS = 0.01


class Forked:
    """``python -m`` of the command, with as much of ``subprocess.Popen`` as tests ask for.

    It leads a session of its own, and ends at the latest with the tests, with all that it has started there.
    """

    def __init__(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        log: Path,
        *,
        errors: Path | None = None,
        folder: Path = ROOT,
        warm: tuple[str, ...] = NODES,
    ) -> None:
        """What it prints goes to ``log``, its errors too if they have no file of their own."""
        self._parent = _parent(warm)
        order = {
            "command": list(command),
            "environment": dict(environment),
            "log": str(log),
            "errors": str(errors or log),
            "folder": str(folder),
        }
        self._pid: int = self._parent.order(order)
        self._code: int | None = None

    def poll(self) -> int | None:
        """The exit code; None while it runs."""
        if self._code is None:
            self._code = self._parent.order({"ended": self._pid})
        return self._code

    def wait(self, seconds: float) -> int:
        ends_at = time.monotonic() + seconds
        while (code := self.poll()) is None:
            assert time.monotonic() < ends_at, f"in {seconds} s the process has not ended"
            time.sleep(_A_LOOK_SECONDS)
        return code

    def send_signal(self, number: int) -> None:
        """To the process itself: until it was asked how it ended, nobody else has its number."""
        if self.poll() is None:
            os.kill(self._pid, number)

    def end(self) -> None:
        """Whatever state it is in, and what it has started: a worker's beat would outlive it."""
        self._parent.order({"end": self._pid})
        self.wait(_END_SECONDS)


def run(
    command: Sequence[str],
    environment: Mapping[str, str],
    *,
    folder: Path = ROOT,
    warm: tuple[str, ...] = OTHERS,
) -> subprocess.CompletedProcess[str]:
    """To its end, which must come by itself; as ``subprocess.run`` would tell of it."""
    with TemporaryDirectory() as place:
        log, errors = Path(place, "log"), Path(place, "errors")
        process = Forked(command, environment, log, errors=errors, folder=folder, warm=warm)
        try:
            code = process.wait(RUN_SECONDS)
        finally:
            process.end()
        return subprocess.CompletedProcess(command, code, log.read_text(), errors.read_text())


class Ordered:
    """A program of ours that does what it is told by lines of JSON, and answers each by one.

    It ends when there is nobody left who gives orders, and not by Ctrl-C before that. Any thread may
    give them.
    """

    def __init__(
        self,
        program: str,
        environment: Mapping[str, str],
        errors: IO[str] | None = None,
        arguments: Sequence[str] = (),
    ) -> None:
        self._speaking = threading.Lock()
        self._process = subprocess.Popen(
            [sys.executable, "-m", program, *arguments],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            process_group=0,
        )

    def order(self, order: Mapping[str, Any]) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with self._speaking:  # or else one would read another's answer
            self._process.stdin.write(json.dumps(order) + "\n")
            self._process.stdin.flush()
            return json.loads(self._process.stdout.readline())

    def close(self) -> None:
        self._process.communicate()


_asking = threading.Lock()


def _parent(warm: tuple[str, ...]) -> Ordered:
    """The process that forks, one of a kind for all tests of a run."""
    with _asking:  # or else two who ask first would start one each
        return _started(warm)


@cache
def _started(warm: tuple[str, ...]) -> Ordered:
    parent = Ordered("tests.forking", {**os.environ, "PYTHONUNBUFFERED": "1"}, arguments=warm)
    atexit.register(parent.close)
    return parent
