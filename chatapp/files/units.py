"""Units: the pieces that files are read in, each fetched once for all who want it at the same time.

A picture that was just sent is loaded by the whole room at once. What was fetched stays until nobody has
wanted it for a few seconds, and no more of it than a few dozen units; whoever is slower than that fetches
again. Who may have it is decided elsewhere, before.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import NamedTuple

from chatapp.errors import StorageUnavailable
from chatapp.runtime import Promise, SharedBytes

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


class _Kept:
    """``used_at`` is written by whoever uses it, on any thread."""

    __slots__ = ("data", "used_at")

    def __init__(self, data: SharedBytes, used_at: float) -> None:
        self.data = data
        self.used_at = used_at


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
        self._kept: OrderedDict[Unit, _Kept] = OrderedDict()
        self._asked: dict[Unit, list[Promise[SharedBytes]]] = {}
        self._is_due = False

    @property
    def kept_bytes(self) -> int:
        return sum(len(kept.data) for kept in self._kept.values())

    def kept(self, unit: Unit) -> SharedBytes | None:
        """Its bytes, if they are in memory. From any thread."""
        kept = self._kept.get(unit)
        if kept is None:
            return None
        kept.used_at = self._elapsed()
        return kept.data

    def get(self, unit: Unit) -> SharedBytes:
        """Its bytes; blocks the greenlet while they are fetched.

        Raises ``StorageUnavailable`` or ``ObjectMissing``.
        """
        kept = self.kept(unit)
        if kept is not None:
            return kept
        promise: Promise[SharedBytes] = Promise()
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
        result = data if isinstance(data, BaseException) else SharedBytes(data)
        if not isinstance(result, BaseException):
            self._kept[unit] = _Kept(result, self._elapsed())
            if len(self._kept) > MOST_UNITS:
                self._kept.popitem(last=False)
            self._look_later()
        for promise in self._asked.pop(unit, ()):
            promise.resolve(result)

    def _look_later(self) -> None:
        if self._kept and not self._is_due:
            self._is_due = True
            self._call_later(KEPT_SECONDS / 4, self._forget)

    def _forget(self) -> None:
        self._is_due = False
        before = self._elapsed() - KEPT_SECONDS
        for unit in [unit for unit, kept in self._kept.items() if kept.used_at <= before]:
            del self._kept[unit]
        self._look_later()
