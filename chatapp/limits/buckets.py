"""Token buckets: `burst` at once, then so many a second, for each key.

A bucket is kept as a single number, the time at which it will be full again, so a full bucket and
an unknown key are the same thing, and idle keys can be forgotten without anyone gaining or losing
by it. It is the "virtual scheduling" form of the generic cell rate algorithm (ITU-T I.371, annex A).
Why not the `limits` library: docs/decisions, rate limits.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

from chatapp.limits import Rate

KEYS_KEPT = 50_000  # per generation
LARGEST_DEBT = 4  # bursts
STRICT = 2  # times dearer


class Buckets:
    """One bucket per key, all of one rate.

    Two generations of keys: what is used moves to the young one; after the time in which any bucket
    fills up, in debt or not, the old one is dropped whole and the young one grows old. Dropped keys
    have full buckets by then, except when a flood of new keys forces the change early.
    """

    def __init__(self, rate: Rate) -> None:
        self._fair_cost = self._cost = 1 / rate.per_second  # seconds of refilling that one take uses up
        self._depth = rate.burst * self._cost
        self._longest = LARGEST_DEBT * self._depth  # seconds until any bucket is full
        self._young: dict[Hashable, float] = {}
        self._old: dict[Hashable, float] = {}
        self._turn_at = 0.0
        self._used: dict[Hashable, int] | None = None

    def __len__(self) -> int:
        return len(self._young) + len(self._old)

    def wait(self, key: Hashable, now: float, amount: int = 1) -> float:
        """Seconds until so much more is allowed; zero or less: now."""
        full_at = self._young.get(key) or self._old.get(key, now)
        return full_at - now + amount * self._cost - self._depth

    def take(self, key: Hashable, now: float, amount: int = 1) -> None:
        self._fill_later(key, now, amount * self._cost)
        if self._used is not None:
            self._used[key] = self._used.get(key, 0) + amount

    def give_back(self, key: Hashable, now: float, amount: int) -> None:
        """What was taken of it has come to nothing."""
        self.take(key, now, -amount)

    def be_strict(self, is_strict: bool) -> None:
        """Half the rate and half the burst, or all of it again."""
        self._cost = self._fair_cost * (STRICT if is_strict else 1)

    # --- over several nodes ---------------------------------------------------------------

    def share(self) -> None:
        """From now on remember what is used here, for ``report``."""
        self._used = {}

    def report(self) -> Mapping[Any, int]:
        """How much of each key was used here since the last report; below zero: given back."""
        used, self._used = self._used or {}, {}
        return {key: amount for key, amount in used.items() if amount}

    def hear(self, key: Hashable, times: int, now: float) -> None:
        """It was used elsewhere. Beyond an empty bucket that is a debt, to be waited off like the rest."""
        self._fill_later(key, now, times * self._fair_cost)

    def _fill_later(self, key: Hashable, now: float, seconds: float) -> None:
        if now >= self._turn_at or len(self._young) >= KEYS_KEPT:
            self._old, self._young = self._young, {}
            self._turn_at = now + self._longest
        full_at = self._young.get(key) or self._old.get(key, now)
        self._young[key] = min(max(max(full_at, now) + seconds, now), now + self._longest)
