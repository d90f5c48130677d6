"""The real worker in a process of its own, forked from one that has imported all that it consists of."""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

from tests.forked import OTHERS, Forked

END_SECONDS = 30
CELERY = ("celery", "--quiet", "--app")
OPTIONS = ("worker", "--beat", "--pool", "solo", "--without-gossip", "--without-mingle")


class Worker:
    """As a context: within it runs."""

    def __init__(self, folder: Path, command: Sequence[str], settings: Mapping[str, str]) -> None:
        self._command = command
        self._settings = {"CHAT_DATA_DIR": str(folder), "DATABASE_URL": "", "REDIS_URL": "", **settings}
        self._log = folder / "worker.log"

    def __enter__(self) -> Self:
        self._process = Forked(self._command, os.environ | self._settings, self._log, warm=OTHERS)
        return self

    def __exit__(self, *_: object) -> None:
        self._process.end()

    @property
    def output(self) -> str:
        return self._log.read_text(errors="replace") if self._log.exists() else ""

    def wait(self) -> int:
        """Its exit code, when it has ended."""
        return self._process.wait(END_SECONDS)

    def stop(self) -> int:
        """Ask it to end; its exit code."""
        self._process.send_signal(signal.SIGTERM)
        return self.wait()


def running_worker(folder: Path, program: str = "celery_worker", *options: str, **settings: str) -> Worker:
    """``program`` is a module that has the worker, with a twist."""
    return Worker(folder, (*CELERY, program, *OPTIONS, *options), settings)
