"""Turns on the hub: what runs next, what runs later, and how a greenlet waits.

Callbacks handed to ``call_soon`` run in the order they were handed in, outside their caller.
They run on the hub itself and must not wait; ``spawn`` is for work that does. An exception that
escapes from either is logged once and ends nothing else.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any, Generic, Protocol, TypeVar

import eventlet
from eventlet import hubs
from eventlet.event import Event

from chatapp.runtime.hub.hub import TurnHub, run_logged

T = TypeVar("T")


if hasattr(time, "CLOCK_BOOTTIME"):
    _read_clock: Callable[[], float] = partial(time.clock_gettime, time.CLOCK_BOOTTIME)
else:
    _read_clock = time.monotonic


def boottime() -> float:
    """Seconds on a clock that only goes forward, also while the machine sleeps where it can."""
    return _read_clock()


class Timer(Protocol):
    def cancel(self) -> None: ...


class HubScheduler:
    """Fulfils ``kernel.ports.Scheduler``."""

    def __init__(self) -> None:
        self._ready: deque[tuple[Callable[..., object], tuple[object, ...]]] = deque()
        self._is_due = False

    def call_soon(self, callback: Callable[..., object], *args: object) -> None:
        # A queue of our own: the hub's timers do not keep the order of two that are due at once.
        self._ready.append((callback, args))
        if not self._is_due:
            self._is_due = True
            hubs.get_hub().schedule_call_global(0, self._run_ready)

    def call_last(self, callback: Callable[[], object]) -> None:
        """Run it when all else of this turn is done, after others for which this was asked before."""
        hub = hubs.get_hub()
        if isinstance(hub, TurnHub):
            hub.last_things.append(callback)
        else:
            self.call_soon(callback)

    def call_later(self, seconds: float, callback: Callable[..., object], *args: object) -> Timer:
        timer: Timer = hubs.get_hub().schedule_call_global(seconds, run_logged, callback, *args)
        return timer

    def elapsed(self) -> float:
        return _read_clock()

    def _run_ready(self) -> None:
        # Only what is there now, so that callbacks which call again leave the hub its turn.
        try:
            for _ in range(len(self._ready)):
                callback, args = self._ready.popleft()
                run_logged(callback, *args)
        finally:
            self._is_due = bool(self._ready)
            if self._is_due:
                hubs.get_hub().schedule_call_global(0, self._run_ready)


def spawn(function: Callable[..., object], *args: object) -> None:
    """Run a function that may wait, beside everything else."""
    eventlet.spawn_n(run_logged, function, *args)


def sleep(seconds: float = 0) -> None:
    """Let the others have their turn; the calling greenlet goes on after ``seconds``."""
    eventlet.sleep(seconds)


class Promise(Generic[T]):
    """A value that a callback will bring and that one greenlet waits for.

    Takes the first value and ignores later ones, so that it fits any ``done`` or ``reply``.
    An exception as value is raised in the waiting greenlet.
    """

    def __init__(self) -> None:
        self._event: Any = Event()

    def resolve(self, value: T | BaseException) -> None:
        if not self._event.ready():
            self._event.send(value)

    def wait(self, timeout_seconds: float | None = None) -> T:
        """Block the greenlet, and only it. Raises TimeoutError when nothing came in time."""
        with eventlet.Timeout(timeout_seconds, TimeoutError("No answer in time.")):
            value: T | BaseException = self._event.wait()
        if isinstance(value, BaseException):
            raise value
        return value
