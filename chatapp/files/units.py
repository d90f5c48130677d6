"""Units: the pieces that files are read in, each fetched once for all who want it at the same time.

A picture that was just sent is loaded by the whole room at once. What was fetched stays for a few seconds,
and no more of it than a few dozen units; whoever is slower than that fetches again. Who may have it is
decided elsewhere, before.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import NamedTuple

from chatapp.errors import StorageUnavailable
from chatapp.runtime import Promise

UNIT_BYTES = 256 * 1024
MOST_UNITS = 128  # 32 MiB
KEPT_SECONDS = 10.0
FETCH_SECONDS = 20.0

Done = Callable[[bytes | BaseException], None]


class Unit(NamedTuple):
    """The ``number``-th of an object, from 0."""

    object: str
    number: int

    @property
    def start(self) -> int:
        return self.number * UNIT_BYTES


class Units:
    """For the hub. ``fetch`` gets a unit where that may block; ``call_later`` is the scheduler's."""

    def __init__(
        self,
        fetch: Callable[[Unit, Done], None],
        *,
        elapsed: Callable[[], float],
        call_later: Callable[[float, Callable[[], object]], object],
    ) -> None:
        self._fetch = fetch
        self._elapsed = elapsed
        self._call_later = call_later
        self._kept: OrderedDict[Unit, tuple[float, bytes]] = OrderedDict()
        self._asked: dict[Unit, list[Promise[bytes]]] = {}
        self._is_due = False

    @property
    def kept_bytes(self) -> int:
        return sum(len(data) for _, data in self._kept.values())

    def get(self, unit: Unit) -> bytes:
        """Its bytes; blocks the greenlet while they are fetched.

        Raises ``StorageUnavailable`` or ``ObjectMissing``.
        """
        kept = self._kept.get(unit)
        if kept is not None:
            return kept[1]
        promise: Promise[bytes] = Promise()
        waiting = self._asked.get(unit)
        if waiting is None:
            self._asked[unit] = [promise]
            self._fetch(unit, lambda data: self._fetched(unit, data))
        else:
            waiting.append(promise)
        try:
            return promise.wait(FETCH_SECONDS)
        except TimeoutError:
            raise StorageUnavailable from None

    def _fetched(self, unit: Unit, data: bytes | BaseException) -> None:
        if not isinstance(data, BaseException):
            self._kept[unit] = (self._elapsed(), data)
            if len(self._kept) > MOST_UNITS:
                self._kept.popitem(last=False)
            self._look_later()
        for promise in self._asked.pop(unit, ()):
            promise.resolve(data)

    def _look_later(self) -> None:
        if self._kept and not self._is_due:
            self._is_due = True
            self._call_later(KEPT_SECONDS / 4, self._forget)

    def _forget(self) -> None:
        self._is_due = False
        before = self._elapsed() - KEPT_SECONDS
        while self._kept:
            unit, (fetched_at, _) = next(iter(self._kept.items()))
            if fetched_at > before:
                break
            del self._kept[unit]
        self._look_later()
