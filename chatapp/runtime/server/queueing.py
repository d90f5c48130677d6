"""Whose request is answered next: each address in its turn, a few in a turn of the hub.

A thousand requests that come at once from one address would else all be begun before the hub looks at
anything else, and everybody's messages would wait for them. Nor may it be too few: who comes in together is
stored together, and a crowd of 1,000 that is begun one by one takes twice as long to be in. Of what nobody
stores they are fewer where it takes long to begin one: a whole room asks for a picture at once.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from eventlet import hubs
from eventlet.support import greenlets

from chatapp.runtime.hub.hub import run_logged
from chatapp.runtime.hub.scheduler import boottime

BEGUN_A_TURN = 32
BEGINNING_SECONDS = 0.003  # for all in a turn that are no upgrade


class _Waiting(NamedTuple):
    begin: Callable[[], object]
    is_upgrade: bool


class Queue:
    """Requests wait here for the hub's next turns, in the order of each address; addresses take turns."""

    def __init__(self) -> None:
        self._waiting: dict[str | None, deque[_Waiting]] = {}
        self._is_due = False

    def put(self, address: str | None, begin: Callable[[], object], *, is_upgrade: bool = False) -> None:
        """``is_upgrade``: to a WebSocket, by which somebody comes in."""
        self._waiting.setdefault(address, deque()).append(_Waiting(begin, is_upgrade))
        self._go_on()

    def _go_on(self) -> None:
        if self._waiting and not self._is_due:
            self._is_due = True
            hubs.get_hub().schedule_call_global(0, self._begin_some)

    def _begin_some(self) -> None:
        self._is_due = False
        seconds = 0.0
        for _ in range(BEGUN_A_TURN):
            if not self._waiting or seconds >= BEGINNING_SECONDS:
                break
            seconds += _begin(self._next())
        self._go_on()

    def _next(self) -> _Waiting:
        address = next(iter(self._waiting))
        waiting = self._waiting.pop(address)
        first = waiting.popleft()
        if waiting:
            self._waiting[address] = waiting  # behind all others
        return first


def _begin(one: _Waiting) -> float:
    """In a greenlet of its own, until it waits for something; how many seconds of the turn's that were."""
    began_at = boottime()
    greenlets.greenlet(partial(run_logged, one.begin)).switch()
    return 0.0 if one.is_upgrade else boottime() - began_at
