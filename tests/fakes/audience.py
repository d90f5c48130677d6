"""The audience of one node, in memory: who listens, and what each of them saw, in order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any


class FakeAudience:
    """Fulfils the kernel's ``Audience``.

    ``history`` has every call in order, ``seen`` what reached each member. ``breaks_on`` names
    a method that raises the next time it is called: the edge has bugs too. ``on_deliver`` and
    ``on_announce`` let a simulation carry the same to other nodes and clients.
    """

    def __init__(self) -> None:
        self.history: list[tuple[Any, ...]] = []
        self.seen: defaultdict[Any, list[Any]] = defaultdict(list)
        self.heads: list[tuple[str, int, int]] = []
        self.breaks_on: str | None = None
        self.on_deliver: Callable[[str, int, Sequence[Any]], None] = lambda room_id, epoch, broadcasts: None
        self.on_announce: Callable[[str, int, int], None] = lambda room_id, epoch, head: None
        self._members: defaultdict[str, list[Any]] = defaultdict(list)

    def open(self, room_id: str, listening: Sequence[str]) -> None:
        self._note("open", room_id, tuple(listening))

    def close(self, room_id: str) -> None:
        self._note("close", room_id)

    def deliver(self, room_id: str, epoch: int, broadcasts: Sequence[Any]) -> None:
        self._note("deliver", room_id, tuple(broadcasts))
        for member in self._members[room_id]:
            self.seen[member] += broadcasts
        self.on_deliver(room_id, epoch, broadcasts)

    def announce(self, room_id: str, epoch: int, head: int) -> None:
        self._note("announce", room_id, head)
        self.heads.append((room_id, epoch, head))
        self.on_announce(room_id, epoch, head)

    def enter(self, room_id: str, member: Any, head: int) -> None:
        self._note("enter", room_id, member, head)
        if member not in self._members[room_id]:
            self._members[room_id].append(member)

    def leave(self, room_id: str, member: Any) -> None:
        self._note("leave", room_id, member)
        if member in self._members[room_id]:
            self._members[room_id].remove(member)

    def members(self, room_id: str) -> Sequence[Any]:
        self._break("members")
        return tuple(self._members[room_id])

    def _note(self, *call: Any) -> None:
        self._break(call[0])
        self.history.append(call)

    def _break(self, method: str) -> None:
        if method == self.breaks_on:
            self.breaks_on = None
            raise ZeroDivisionError(f"a bug in {method}")
