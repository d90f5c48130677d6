"""Turns: many greenlets that each do a little and want to go on; together they get a moment of each hub turn.

A thousand who are sent a file would else all send their next piece before the hub looks at anything else, and
everybody's messages would wait for them.
"""

from __future__ import annotations

from collections import deque
from typing import Any

from eventlet import getcurrent, hubs

from chatapp.runtime.hub.hub import run_logged
from chatapp.runtime.hub.scheduler import boottime

SLICE_SECONDS = 0.001


class Turns:
    """First come, first served."""

    def __init__(self, slice_seconds: float = SLICE_SECONDS) -> None:
        self._slice_seconds = slice_seconds
        self._waiting: deque[Any] = deque()
        self._is_due = False

    def __len__(self) -> int:
        return len(self._waiting)

    def wait(self) -> None:
        """Block the greenlet until it is its turn; what it does then shall be over soon."""
        me = getcurrent()
        self._waiting.append(me)
        self._go_on()
        try:
            hubs.get_hub().switch()
        except BaseException:
            if me in self._waiting:
                self._waiting.remove(me)
            raise

    def _go_on(self) -> None:
        if self._waiting and not self._is_due:
            self._is_due = True
            hubs.get_hub().schedule_call_global(0, self._give)

    def _give(self) -> None:
        ends_at = boottime() + self._slice_seconds
        while self._waiting:
            run_logged(self._waiting.popleft().switch)  # back when it waits for something, or has ended
            if boottime() >= ends_at:
                break
        self._is_due = False
        self._go_on()
