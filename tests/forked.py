"""Nodes that are forked, not started from nothing: the half of tests/forking.py that gives the orders."""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).resolve().parent.parent
_A_LOOK_SECONDS = 0.01


class Forked:
    """A node's process, with as much of ``subprocess.Popen`` as tests ask for."""

    def __init__(self, program: str, environment: Mapping[str, str], log: Path) -> None:
        order = {"program": program, "environment": dict(environment), "log": str(log)}
        self._pid: int = _parent().order(order)
        self._code: int | None = None

    def poll(self) -> int | None:
        """The exit code; None while it runs."""
        if self._code is None:
            self._code = _parent().order({"ended": self._pid})
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


class Ordered:
    """A program of ours that does what it is told by lines of JSON, and answers each by one.

    It ends when there is nobody left who gives orders. Any thread may give them.
    """

    def __init__(self, program: str, environment: Mapping[str, str], errors: IO[str] | None = None) -> None:
        self._speaking = threading.Lock()
        self._process = subprocess.Popen(
            [sys.executable, "-m", program],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
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


@cache
def _parent() -> Ordered:
    """The process that forks, one for all tests of a run."""
    parent = Ordered("tests.forking", {**os.environ, "PYTHONUNBUFFERED": "1"})
    atexit.register(parent.close)
    return parent
