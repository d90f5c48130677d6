"""The crowded: which addresses were over their share a moment ago, to be counted and not named."""

from __future__ import annotations

from collections.abc import Hashable

REMEMBERED_SECONDS = 300.0
KEPT = 10_000


class Crowded:
    """When each was refused last; beyond ``KEPT`` the one refused longest ago is forgotten."""

    def __init__(self) -> None:
        self._refused_at: dict[Hashable, float] = {}  # the longest ago first

    def note(self, address: Hashable, now: float) -> None:
        self._refused_at.pop(address, None)
        self._refused_at[address] = now
        if len(self._refused_at) > KEPT:
            del self._refused_at[next(iter(self._refused_at))]

    def count(self, now: float) -> int:
        while self._refused_at:
            address, at = next(iter(self._refused_at.items()))
            if now - at <= REMEMBERED_SECONDS:
                break
            del self._refused_at[address]
        return len(self._refused_at)
