"""Who sends the bodies that are under way, as the application knows it.

A proxy brings many people's connections, so what counts for its address would count for all of them. Once a
body's head was read it is known whose it is: a person has a few, and so has the address that they came from.
To one target goes one body, the newest: who was broken off without the node's noticing goes on with another.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable
from typing import Generic, TypeVar

from chatapp.runtime.requests.streaming import Whose

B = TypeVar("B", bound=Hashable)


class UnderWay(Generic[B]):
    def __init__(self, *, of_person: int, of_address: int) -> None:
        self._most = {"person": of_person, "address": of_address}
        self._counted: Counter[tuple[str, str]] = Counter()
        self._whose: dict[B, Whose] = {}
        self._newest: dict[str, B] = {}

    def newest(self, target: str | None) -> B | None:
        """Which goes there."""
        return None if target is None else self._newest.get(target)

    def address(self, body: B) -> str | None:
        """Where it comes from; None: that is not known."""
        whose = self._whose.get(body)
        return None if whose is None else whose.address

    def is_overtaken(self, body: B) -> bool:
        """Whether a newer one goes where this one goes."""
        whose = self._whose.get(body)
        return whose is not None and self.newest(whose.target) not in (None, body)

    def add(self, body: B, whose: Whose) -> str | None:
        """Count it until ``remove``. What there are too many of: "person" or "address"; None: it counts."""
        for scope, name in _shares(whose):
            if self._counted[scope, name] >= self._most[scope]:
                return scope
        self._counted.update(_shares(whose))
        self._whose[body] = whose
        if whose.target is not None:
            self._newest[whose.target] = body
        return None

    def remove(self, body: B) -> None:
        """Also one that was never counted."""
        whose = self._whose.pop(body, None)
        if whose is None:
            return
        for share in _shares(whose):
            self._counted[share] -= 1
            if not self._counted[share]:
                del self._counted[share]
        if whose.target is not None and self._newest.get(whose.target) == body:
            del self._newest[whose.target]


def _shares(whose: Whose) -> list[tuple[str, str]]:
    named = (("person", whose.person), ("address", whose.address))
    return [(scope, name) for scope, name in named if name is not None]
