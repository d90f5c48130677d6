"""Admissions: how many long bodies may be under way, and whose; one more address always gets in.

A connection counts for the address that it comes from as soon as its head is here, a body for its person and
its own address as soon as the application has said whose it is: through a proxy come many people's. Where no
place is left, an address that has fewer than another gets one of the other's, whose body goes on later with
what is missing. So a few addresses cannot keep everybody else out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable
from typing import Any, Generic, TypeVar

from chatapp.runtime.bodies.under_way import UnderWay
from chatapp.runtime.requests.streaming import Whose

B = TypeVar("B", bound=Hashable)


class Admissions(Generic[B]):
    """``make_place`` ends a body, if that can be; then ``remove`` was called of its connection."""

    def __init__(
        self, make_place: Callable[[B], bool], *, of_person: int, of_address: int, of_all: int
    ) -> None:
        self._make_place = make_place
        self._most_of_address = of_address
        self._most_of_all = of_all
        self._held: dict[Any, B] = {}  # by its connection, the oldest first
        self._of_address: Counter[str | None] = Counter()  # of connections
        self._under_way: UnderWay[B] = UnderWay(of_person=of_person, of_address=of_address)

    def __len__(self) -> int:
        return len(self._held)

    def everything(self) -> list[B]:
        return list(self._held.values())

    def of(self, connection: Any) -> B | None:
        return self._held.get(connection)

    def refuses(self, share: str | None) -> str | None:
        """Why a connection of that address gets no place: "address" or "node"; None: there is one."""
        if share is None:  # whose address is known only later; until then it holds nothing
            return "node" if len(self._held) >= 2 * self._most_of_all else None
        if self._of_address[share] >= self._most_of_address:
            return "address"
        is_full = len(self._held) >= self._most_of_all
        return "node" if is_full and not self._take_from_the_most(share, 1) else None

    def add(self, connection: Any, body: B) -> None:
        self._held[connection] = body
        self._of_address[connection.share] += 1

    def remove(self, connection: Any) -> B | None:
        """Also one that was never added."""
        body = self._held.pop(connection, None)
        if body is not None:
            self._under_way.remove(body)
            self._of_address[connection.share] -= 1
            if not self._of_address[connection.share]:
                del self._of_address[connection.share]
        return body

    # --- once it is known whose it is ---

    def newest(self, target: str | None) -> B | None:
        """Which goes there."""
        return self._under_way.newest(target)

    def is_overtaken(self, body: B) -> bool:
        """Whether a newer one goes where this one goes."""
        return self._under_way.is_overtaken(body)

    def count(self, body: B, whose: Whose) -> str | None:
        """What there are too many of: "person", "address" or "node"; None: it counts."""
        scope = self._under_way.add(body, whose)
        is_over = len(self._held) > self._most_of_all
        if scope is None and is_over and not self._take_from_the_most(whose.address, 0):
            self._under_way.remove(body)
            return "node"
        return scope

    def _take_from_the_most(self, address: str | None, more: int) -> bool:
        """The oldest of the address that has most, unless this one then had more than that."""
        whose = {
            body: self._under_way.address(body) or connection.share for connection, body in self._held.items()
        }
        held = Counter(one for one in whose.values() if one is not None)
        largest, most = max(held.items(), key=lambda each: each[1], default=(None, 0))
        if address is None or most - 1 < held[address] + more:
            return False
        return any(self._make_place(body) for body, of in whose.items() if of == largest)
