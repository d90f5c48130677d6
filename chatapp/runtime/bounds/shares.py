"""Shares: of what the node has only so many of, how much one address may hold.

Whoever comes is let in; what is over goes in exchange, and that is never somebody else's: over the
share of an address its own oldest, over the count of all the oldest of the address that holds
most. So a crowd of one address costs that address, and a stranger who comes meanwhile gets in.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Shares(Generic[T]):
    """Things that are held, by address, oldest first. ``evict`` gets what has to go, and why.

    ``evict`` must ``remove`` it. The address None is nobody's: counted, and never over its share.
    """

    def __init__(self, *, each: int, total: int, evict: Callable[[T, str], object]) -> None:
        self.each = each
        self.total = total
        self._evict = evict
        self._held: dict[str | None, dict[T, None]] = {}
        self._count = 0

    def __len__(self) -> int:
        return self._count

    @property
    def addresses_at_their_share(self) -> int:
        return sum(len(held) >= self.each for address, held in self._held.items() if address is not None)

    def add(self, address: str | None, thing: T) -> None:
        held = self._held.setdefault(address, {})
        held[thing] = None
        self._count += 1
        if address is not None and len(held) > self.each:
            self._evict(next(iter(held)), "address")
        elif self._count > self.total:
            self.evict_one("node")

    def remove(self, address: str | None, thing: T) -> None:
        held = self._held.get(address, {})
        if thing in held:
            del held[thing]
            self._count -= 1
            if not held:
                del self._held[address]

    def evict_one(self, reason: str) -> bool:
        """Let the oldest of the address go that holds most; False if only nobody's are left."""
        largest = max(
            (held for address, held in self._held.items() if address is not None), key=len, default=None
        )
        if largest is None:
            return False
        self._evict(next(iter(largest)), reason)
        return True

    def everything(self) -> list[T]:
        return [thing for held in self._held.values() for thing in held]
