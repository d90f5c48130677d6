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
from typing import Any

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


class _Parent:
    """The process that forks, one for all tests of a run. Threads of a test may give it orders, too."""

    def __init__(self) -> None:
        self._speaking = threading.Lock()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.forking"],
            cwd=ROOT,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        atexit.register(self._end)

    def order(self, order: Mapping[str, Any]) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with self._speaking:  # or else one would read another's answer
            self._process.stdin.write(json.dumps(order) + "\n")
            self._process.stdin.flush()
            return json.loads(self._process.stdout.readline())

    def _end(self) -> None:
        """It ends when there is nobody left who gives orders."""
        self._process.communicate()


@cache
def _parent() -> _Parent:
    return _Parent()
