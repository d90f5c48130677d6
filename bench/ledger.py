"""The ledger: what must agree before a run's figures count.

Every message that was acked reached everybody in its room, once, in order: those who decode say so
themselves, and those who only count must have received exactly as many bytes. Deliveries are what
arrived, never what was sent.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Protocol


class Placed(Protocol):
    @property
    def room(self) -> str: ...


class Member(Protocol):
    """What a connection keeps for the ledger, since ``begin_ledger``."""

    number: int
    is_counting: bool
    events: int
    bytes: int
    gaps: int
    acked: int

    @property
    def seat(self) -> Placed: ...

    def begin_ledger(self) -> None: ...


class Ledger:
    """Of one crowd; begins when it is made, with everybody at rest."""

    def __init__(self, connections: Sequence[Member]) -> None:
        self._rooms: defaultdict[str, list[Member]] = defaultdict(list)
        for connection in connections:
            connection.begin_ledger()
            self._rooms[connection.seat.room].append(connection)
        self._events, self._bytes = self._totals()

    def delivered(self) -> float:
        """Messages that arrived somewhere since this was last asked."""
        events, received = self._totals()
        count = 0.0
        for room, members in self._rooms.items():
            for member in members:
                if not member.is_counting:
                    count += events[member.number] - self._events[member.number]
            count += self._counted(room, received)
        self._events, self._bytes = events, received
        return count

    def disagreements(self) -> list[str]:
        """Ask when everything has arrived."""
        found: list[str] = []
        for room, members in self._rooms.items():
            acked = sum(member.acked for member in members)
            heard = {member.events for member in members if not member.is_counting}
            sizes = {member.bytes for member in members}
            gaps = sum(member.gaps for member in members)
            if heard != {acked}:
                found.append(f"{room}: {acked} messages acked, {sorted(heard)} heard")
            if len(sizes) > 1:
                found.append(f"{room}: members received from {min(sizes)} to {max(sizes)} bytes")
            if gaps:
                found.append(f"{room}: {gaps} times out of order")
        return found[:3] + ([f"and {len(found) - 3} more"] if len(found) > 3 else [])

    def _counted(self, room: str, received: dict[int, int]) -> float:
        """Deliveries to those who only count: their bytes, in messages of this room's size."""
        counting = [member for member in self._rooms[room] if member.is_counting]
        witness = next(member for member in self._rooms[room] if not member.is_counting)
        if not counting or not witness.events:
            return 0.0
        arrived = sum(received[member.number] - self._bytes[member.number] for member in counting)
        return arrived * witness.events / witness.bytes

    def _totals(self) -> tuple[dict[int, int], dict[int, int]]:
        members = [member for room in self._rooms.values() for member in room]
        return {m.number: m.events for m in members}, {m.number: m.bytes for m in members}
