"""One thing to many: in slices of a millisecond, so that the hub keeps turning.

What is pushed under one key reaches every recipient in the order of pushing: while one thing is on
its way, the next waits. What waits for the same recipients leaves in one write: the longer a round
takes, the more the next one brings, and the rounds keep up. A recipient that fails is logged and
hinders nobody.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Hashable, Iterable
from typing import Any, Protocol

from chatapp.runtime import HubScheduler

log = logging.getLogger(__name__)

SLICE_SECONDS = 0.001
TOGETHER_BYTES = 262_144  # in one write to one recipient, a quarter of what may be held back for it
_RECIPIENTS_A_LOOK = 64  # at the clock

Write = Callable[[Any, Any], object]
"""Takes a recipient, and what to send it."""


class Payload(Protocol):
    """What is sent: bytes, or something that like them has a length and can be added up."""

    def __len__(self) -> int: ...

    def __add__(self, other: Any, /) -> Any: ...


class _Push:
    __slots__ = ("generation", "has_begun", "payload", "recipients", "write")

    def __init__(self, recipients: Iterable[Any], payload: Payload, write: Write, generation: object) -> None:
        self.recipients = iter(tuple(recipients))
        self.payload = payload
        self.write = write
        self.generation = generation
        self.has_begun = False

    def takes(self, payload: Payload, generation: object) -> bool:
        """True if this is for exactly the same recipients, and none of them has got anything of it."""
        is_same = generation is not None and generation == self.generation and not self.has_begun
        return is_same and len(self.payload) + len(payload) <= TOGETHER_BYTES


class Fanout:
    def __init__(self, scheduler: HubScheduler) -> None:
        self._scheduler = scheduler
        self._waiting: dict[Hashable, deque[_Push]] = {}

    def push(
        self,
        key: Hashable,
        recipients: Iterable[Any],
        payload: Payload,
        write: Write,
        *,
        generation: object = None,
    ) -> None:
        """Write to each recipient, now as far as a millisecond goes, then in later turns.

        Equal generations under one key promise that nobody has come in between; then ``write``
        must be the same too, and may get several payloads as one.
        """
        queue = self._waiting.get(key)
        if queue is not None:
            if queue[-1].takes(payload, generation):
                queue[-1].payload += payload
            else:
                queue.append(_Push(recipients, payload, write, generation))
            return
        push = _Push(recipients, payload, write, generation)
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
        push.has_begun = True
        ends_at = self._scheduler.elapsed() + SLICE_SECONDS
        write, payload = push.write, push.payload
        for count, recipient in enumerate(push.recipients, 1):
            try:
                write(recipient, payload)
            except Exception:
                log.exception("A broadcast failed for one recipient")
            if count % _RECIPIENTS_A_LOOK == 0 and self._scheduler.elapsed() > ends_at:
                return False
        return True
