"""A crowd: people by their ids, and which of them are named.

Up to a limit everybody is. Beyond it those who have signed in are named first, as long as they are few
enough: visitors without a sign-in cost nobody anything, and must not hide the names of all others.
Beyond that only the number is told.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum, auto

from chatapp.rooms.attendance.people import Person


class Named(Enum):
    EVERYBODY = auto()
    SIGNED_IN = auto()
    NOBODY = auto()

    def covers(self, person: Person | None) -> bool:
        if person is None or self is Named.NOBODY:
            return False
        return self is Named.EVERYBODY or not person.is_visitor


class Crowd:
    def __init__(self, limit: int, people: Iterable[Person] = ()) -> None:
        self._limit = limit
        self._people = {person.id: person for person in people}
        self._visitors = sum(person.is_visitor for person in self._people.values())
        self._told: tuple[Person, ...] | None = None  # made when somebody asks

    def __len__(self) -> int:
        return len(self._people)

    def find(self, user_id: str) -> Person | None:
        return self._people.get(user_id)

    def put(self, user_id: str, person: Person | None) -> None:
        """Whoever comes (or changes) or goes."""
        before = self._people.pop(user_id, None) if person is None else self._people.get(user_id)
        self._visitors += (person is not None and person.is_visitor) - (
            before is not None and before.is_visitor
        )
        if person is not None:
            self._people[user_id] = person
        self._told = None

    @property
    def named(self) -> Named:
        return self.named_with(None)

    def named_with(self, newcomer: Person | None) -> Named:
        count, visitors = len(self._people), self._visitors
        if newcomer is not None:
            count, visitors = count + 1, visitors + newcomer.is_visitor
        if count <= self._limit:
            return Named.EVERYBODY
        return Named.SIGNED_IN if count - visitors <= self._limit else Named.NOBODY

    def those(self, named: Named) -> tuple[Person, ...]:
        if named is Named.NOBODY:
            return ()
        if named is not self.named:
            return tuple(filter(named.covers, self._people.values()))
        if self._told is None:
            self._told = tuple(filter(named.covers, self._people.values()))
        return self._told

    def copy(self) -> Crowd:
        return Crowd(self._limit, self._people.values())
