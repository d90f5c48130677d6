"""One thing to many: in slices of two milliseconds, so that the hub keeps turning.

What is pushed under one key reaches every recipient in the order of pushing: while one thing is on
its way, the next waits. A recipient that fails is logged and hinders nobody.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import Any, NamedTuple, TypeVar

from chatapp.runtime import HubScheduler

R = TypeVar("R")
log = logging.getLogger(__name__)

SLICE_SECONDS = 0.002
_RECIPIENTS_A_LOOK = 64  # at the clock


class _Push(NamedTuple):
    recipients: Iterator[Any]
    write: Callable[[Any], object]


class Fanout:
    def __init__(self, scheduler: HubScheduler) -> None:
        self._scheduler = scheduler
        self._waiting: dict[Hashable, deque[_Push]] = {}

    def push(self, key: Hashable, recipients: Iterable[R], write: Callable[[R], object]) -> None:
        """Call ``write`` for each recipient, now as far as two milliseconds go, then in later turns."""
        queue = self._waiting.get(key)
        if queue is not None:
            queue.append(_Push(iter(tuple(recipients)), write))
            return
        push = _Push(iter(tuple(recipients)), write)
        if not self._go_on(push):
            self._waiting[key] = deque((push,))
            self._scheduler.call_soon(self._next_slice, key)

    def _next_slice(self, key: Hashable) -> None:
        queue = self._waiting[key]
        if self._go_on(queue[0]):
            queue.popleft()
        if queue:
            self._scheduler.call_soon(self._next_slice, key)
        else:
            del self._waiting[key]

    def _go_on(self, push: _Push) -> bool:
        """Write to some more; True when that were all."""
        ends_at = self._scheduler.elapsed() + SLICE_SECONDS
        for count, recipient in enumerate(push.recipients, 1):
            try:
                push.write(recipient)
            except Exception:
                log.exception("A broadcast failed for one recipient")
            if count % _RECIPIENTS_A_LOOK == 0 and self._scheduler.elapsed() > ends_at:
                return False
        return True
