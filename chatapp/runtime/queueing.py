"""Whose request is answered next: each address in its turn, a few in a turn of the hub.

A thousand requests that come at once from one address would else all be begun before the hub looks at
anything else, and everybody's messages would wait for them. Nor may it be too few: who comes in together is
stored together, and a crowd of 1,000 that is begun one by one takes twice as long to be in. Where it takes
long to begin one, they are fewer: a whole room asks for a file at once.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from functools import partial

from eventlet import hubs
from eventlet.support import greenlets

from chatapp.runtime.hub import run_logged
from chatapp.runtime.scheduler import boottime

BEGUN_A_TURN = 32
BEGINNING_SECONDS = 0.003


class Queue:
    """Requests wait here for the hub's next turns, in the order of each address; addresses take turns.

    What begins one is run in a greenlet of its own.
    """

    def __init__(self) -> None:
        self._waiting: dict[str | None, deque[Callable[[], object]]] = {}
        self._is_due = False

    def put(self, address: str | None, begin: Callable[[], object]) -> None:
        self._waiting.setdefault(address, deque()).append(begin)
        self._go_on()

    def _go_on(self) -> None:
        if self._waiting and not self._is_due:
            self._is_due = True
            hubs.get_hub().schedule_call_global(0, self._begin_some)

    def _begin_some(self) -> None:
        self._is_due = False
        ends_at = boottime() + BEGINNING_SECONDS
        for _ in range(BEGUN_A_TURN):
            if self._waiting:
                begin = partial(run_logged, self._next())
                greenlets.greenlet(begin).switch()  # back when it waits for something
            if boottime() >= ends_at:
                break
        self._go_on()

    def _next(self) -> Callable[[], object]:
        address = next(iter(self._waiting))
        waiting = self._waiting.pop(address)
        begin = waiting.popleft()
        if waiting:
            self._waiting[address] = waiting  # behind all others
        return begin
