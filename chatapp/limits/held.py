"""Held bytes: what was sent and not yet taken, counted for each address and for the whole node.

A connection's own backlog is bounded by its own transport; here is the bound over many of them. Who
makes a sum grow beyond its budget brings a cut: the largest holders of that address, or of the node,
end until an eighth of the budget is free again. Bytes are counted where they begin to wait, so what
the socket takes at once costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Literal

MIB = 1_048_576
# 128 KiB for each of a conference of 500 behind one address, beside what the system's buffers take.
HELD_BYTES_PER_ADDRESS = 64 * MIB
HELD_BYTES_PER_NODE = 256 * MIB

Reason = Literal["connection", "address", "node", "memory"]
REASONS: tuple[Reason, ...] = ("connection", "address", "node", "memory")


class Holder:
    """One connection's part. ``change`` may call ``cut``: let it be the last thing that is done."""

    __slots__ = ("_cut", "_held", "_is_cut", "address", "bytes")

    def __init__(self, held: HeldBytes, address: str, cut: Callable[[], object]) -> None:
        self._held = held
        self._cut = cut
        self._is_cut = False
        self.address = address
        self.bytes = 0

    def change(self, difference: int) -> None:
        """So many bytes more wait, or fewer."""
        if not self._is_cut:
            self.bytes += difference
            self._held.count(self, difference)

    def cut_off(self, reason: Reason) -> None:
        """End it and count why. From now on it holds nothing, even if its end takes a moment."""
        self._held.on_cut(reason)
        self._cut()
        self.change(-self.bytes)
        self._is_cut = True


class HeldBytes:
    """``on_cut`` is told the reason of every connection that is cut for what it held."""

    def __init__(
        self,
        *,
        per_address: int = HELD_BYTES_PER_ADDRESS,
        per_node: int = HELD_BYTES_PER_NODE,
        on_cut: Callable[[Reason], object] = lambda reason: None,
    ) -> None:
        self._per_address = per_address
        self._per_node = per_node
        self.on_cut = on_cut
        self._sums: dict[str, int] = {}
        self._holders: dict[str, set[Holder]] = {}  # of each address, those who hold something
        self.total = 0

    def holder(self, address: str, cut: Callable[[], object]) -> Holder:
        """``cut`` ends the connection at once. Nothing is to be given back when it holds nothing."""
        return Holder(self, address, cut)

    def count(self, holder: Holder, difference: int) -> None:
        """Called by the holder, after its own sum has changed."""
        address = holder.address
        self.total += difference
        held = self._sums.get(address, 0) + difference
        if holder.bytes > 0:
            self._sums[address] = held
            self._holders.setdefault(address, set()).add(holder)
        else:
            self._let_go(holder, held)
        if difference > 0:
            self._keep_within(address, held)

    def cut_all(self, reason: Reason) -> None:
        """End everybody who holds anything, the largest first."""
        self._cut_until(reason, self._everybody(), lambda: self.total <= 0)

    def _let_go(self, holder: Holder, held: int) -> None:
        holders = self._holders.get(holder.address)
        if holders is not None:
            holders.discard(holder)
        if not holders:
            self._holders.pop(holder.address, None)
            self._sums.pop(holder.address, None)
        else:
            self._sums[holder.address] = held

    def _keep_within(self, address: str, held: int) -> None:
        if held > self._per_address:
            mark = self._per_address * 7 // 8
            holders = self._holders.get(address, ())
            self._cut_until("address", holders, lambda: self._sums.get(address, 0) <= mark)
        if self.total > self._per_node:
            mark = self._per_node * 7 // 8
            self._cut_until("node", self._everybody(), lambda: self.total <= mark)

    def _everybody(self) -> list[Holder]:
        return [holder for holders in self._holders.values() for holder in holders]

    def _cut_until(self, reason: Reason, holders: Iterable[Holder], is_enough: Callable[[], bool]) -> None:
        for holder in sorted(holders, key=lambda each: each.bytes, reverse=True):
            if is_enough():
                return
            holder.cut_off(reason)
