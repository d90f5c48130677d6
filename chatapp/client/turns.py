"""Turns: one thing of a client happens at a time, whichever thread brings it.

Socket threads, timers and the person's own thread all take a turn; inside it the client's state
is theirs alone, so the machines need no locks. Whoever waits for something looks again after
each turn of somebody else.
"""

from __future__ import annotations

import heapq
import itertools
import threading
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class Timer:
    def __init__(self) -> None:
        self.is_cancelled = False

    def cancel(self) -> None:
        self.is_cancelled = True


class Turns:
    def __init__(self) -> None:
        self._turn = threading.Condition(threading.RLock())
        self._timers: list[tuple[float, int, Timer, Callable[[], object]]] = []
        self._numbers = itertools.count()
        self._is_over = False
        threading.Thread(target=self._ring, name="chat timers", daemon=True).start()

    def take(self, callback: Callable[..., T], *args: object) -> T:
        """Call it now, as soon as nobody else has the turn."""
        with self._turn:
            try:
                return callback(*args)
            finally:
                self._turn.notify_all()

    def later(self, ms: float, callback: Callable[[], object]) -> Timer:
        timer = Timer()
        with self._turn:
            heapq.heappush(self._timers, (time.monotonic() + ms / 1000, next(self._numbers), timer, callback))
            self._turn.notify_all()
        return timer

    def wait_for(self, predicate: Callable[[], T], timeout: float | None) -> T:
        """What the predicate gives as soon as that is true; raises `TimeoutError`."""
        with self._turn:
            found = self._turn.wait_for(predicate, timeout)
        if not found:
            raise TimeoutError(f"not within {timeout} seconds")
        return found

    def end(self) -> None:
        """No timer rings any more."""
        with self._turn:
            self._is_over = True
            self._timers.clear()
            self._turn.notify_all()

    def _ring(self) -> None:
        with self._turn:
            while not self._is_over:
                now = time.monotonic()
                while self._timers and self._timers[0][0] <= now:
                    _at, _number, timer, callback = heapq.heappop(self._timers)
                    if not timer.is_cancelled:
                        callback()
                        self._turn.notify_all()
                self._turn.wait(self._timers[0][0] - now if self._timers else None)


class NamedTimers:
    """At most one timer of each name; starting one again moves it."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns
        self._running: dict[str, Timer] = {}

    def start(self, name: str, ms: float, callback: Callable[[], object]) -> None:
        self.cancel(name)
        self._running[name] = self._turns.later(ms, callback)

    def cancel(self, name: str) -> None:
        if timer := self._running.pop(name, None):
            timer.cancel()

    def cancel_all(self) -> None:
        for name in list(self._running):
            self.cancel(name)
