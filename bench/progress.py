"""How far it is: one line that is written over on a terminal, a line a step elsewhere."""

from __future__ import annotations

import sys
import time
from typing import TextIO

WIDTH = 24


class Progress:
    def __init__(self, steps: int, out: TextIO = sys.stderr) -> None:
        self._steps = steps
        self._done = 0
        self._out = out
        self._began_at = time.monotonic()

    def begin(self, what: str) -> None:
        filled = WIDTH * self._done // self._steps
        bar = "█" * filled + "░" * (WIDTH - filled)
        elapsed = time.monotonic() - self._began_at
        line = f"{bar} {self._done}/{self._steps} {elapsed:4.0f} s  {what}"
        self._write(f"\r\x1b[K{line}" if self._out.isatty() else f"{line}\n")
        self._done += 1

    def end(self) -> None:
        if self._out.isatty():
            self._write("\r\x1b[K")

    def _write(self, text: str) -> None:
        self._out.write(text)
        self._out.flush()
