"""Output that is never waited for: a pipe that nobody reads, or a disk that is full, costs lines, no more.

What is written to stdout and stderr (lines of the log, ``print``, tracebacks) is taken by a thread of each
stream, which may wait as long as it likes. What does not fit between the two is dropped whole, and counted.

Import this before eventlet patches the world: its thread must be a real one.
"""

from __future__ import annotations

import atexit
import io
import os
import sys
from _queue import SimpleQueue
from _thread import LockType, allocate_lock, start_new_thread
from os import write
from select import select
from types import BuiltinFunctionType
from typing import TextIO, cast

HELD_BYTES = 1_000_000
LAST_WORDS_SECONDS = 1.0  # what the end of a process waits for its last lines

_outlets: list[Outlet] = []


def never_wait_for_readers() -> None:
    """From now on ``sys.stdout`` and ``sys.stderr`` of this process take everything at once."""
    if not isinstance(start_new_thread, BuiltinFunctionType):
        raise ImportError("chatapp.output was imported after eventlet had patched the world")
    if _outlets:
        return
    _outlets.extend(Outlet(stream.fileno()) for stream in (sys.stdout, sys.stderr))
    sys.stdout, sys.stderr = (cast(TextIO, outlet) for outlet in _outlets)
    atexit.register(_say_last_words)
    os.register_at_fork(after_in_child=_begin_anew)


def dropped_lines() -> int:
    """How many lines, of both streams, nobody will ever see."""
    return sum(outlet.dropped for outlet in _outlets)


class Outlet(io.TextIOBase):
    """A stream to a file descriptor; ``write`` returns at once, whatever is at the other end."""

    encoding = "utf-8"

    def __init__(self, descriptor: int, held_bytes: int = HELD_BYTES) -> None:
        self._descriptor = descriptor
        self._held_bytes = held_bytes
        self._unfinished = ""
        self.begin()

    def begin(self) -> None:
        """With nothing to write, and without a thread: also in a fork, which has none of its parent's."""
        self._waiting: SimpleQueue[bytes | LockType] = SimpleQueue()
        self._has_thread = False
        # Each is counted by one side alone, writer or thread, so that no lock is needed.
        self._taken = self._gone = 0
        self._refused = self._lost = 0

    @property
    def dropped(self) -> int:
        return self._refused + self._lost

    def write(self, text: str) -> int:
        """Whole lines only: several processes may write to the same pipe."""
        whole, newline, rest = (self._unfinished + text).rpartition("\n")
        self._unfinished = rest if len(rest) < self._held_bytes else ""
        if newline:
            self._take((whole + newline).encode(self.encoding, "backslashreplace"))
        return len(text)

    def fileno(self) -> int:
        return self._descriptor

    def isatty(self) -> bool:
        return os.isatty(self._descriptor)

    def writable(self) -> bool:
        return True

    def finish(self, seconds: float) -> None:
        """Wait until all is written, or for as long."""
        if self._unfinished:
            self.write("\n")
        if not self._has_thread:
            return
        done = allocate_lock()
        done.acquire()
        self._waiting.put(done)
        done.acquire(timeout=seconds)

    def _take(self, lines: bytes) -> None:
        if self._taken - self._gone + len(lines) > self._held_bytes:
            self._refused += lines.count(b"\n")
            return
        self._taken += len(lines)
        self._waiting.put(lines)
        if not self._has_thread:
            self._has_thread = True
            start_new_thread(self._work, (self._waiting,))

    def _work(self, waiting: SimpleQueue[bytes | LockType]) -> None:
        while True:
            lines = waiting.get()
            if isinstance(lines, LockType):
                lines.release()
                continue
            if not self._write_out(lines):
                self._lost += lines.count(b"\n")
            self._gone += len(lines)

    def _write_out(self, lines: bytes) -> bool:
        """False: there is no reader any more, or no room on the disk."""
        rest = memoryview(lines)
        while rest:
            try:
                rest = rest[write(self._descriptor, rest) :]
            except BlockingIOError:  # somebody who shares it has set it so
                select([], [self._descriptor], [])
            except OSError:
                return False
        return True


def _say_last_words() -> None:
    for outlet in _outlets:
        outlet.finish(LAST_WORDS_SECONDS)


def _begin_anew() -> None:
    for outlet in _outlets:
        outlet.begin()
