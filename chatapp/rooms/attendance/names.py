"""The names in use in a room: no two people there may have names that look alike.

A name is its owner's while they are here under it, or have spoken under it and a message of theirs is
left. Who is here is known. Who has spoken is remembered while the room is awake, and read from storage for
those who come (``HoldersOf``), so that a wake costs nothing. It is stored with the first message of a
person under a name since the wake; the later ones cost nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import chain, count

import msgspec

from chatapp.errors import NameTaken
from chatapp.kernel.durable_object import Turn
from chatapp.rooms.aspect import Question
from chatapp.rooms.attendance.likeness import digest, digests, likenesses
from chatapp.rooms.events import Record
from chatapp.rooms.rules import RoomRules

OFFERED = 39  # numbers from 2 to 40 are looked up; whoever comes later is asked again
NAMES_A_PERSON = 3  # that somebody owns at a time; the one taken first makes way
REMEMBERED = 1_000

_NUMBER_BEHIND = re.compile(r" \d+$")

Holder = tuple[str, str]  # (user_id, name)


class NameRecord(Record, frozen=True, kw_only=True):
    """Who spoke under a name since the room woke; ``at`` is when first.

    ``likeness`` is a digest of what the name looks like, here and below: what is stored can go only with
    its row, which leaves a trace, and so is no name.
    """

    room_id: str
    likeness: str
    user_id: str
    at: int


class NameGivenUp(Record, frozen=True, kw_only=True):
    """Somebody has taken so many names that the one they took first is theirs no longer."""

    room_id: str
    likeness: str
    user_id: str


class WantedName(msgspec.Struct, frozen=True, kw_only=True):
    """What ``offered`` gives is looked up too where the name is another's."""

    user_id: str
    likenesses: Sequence[str]
    offered: Callable[[], Sequence[str]] = tuple


class HoldersOf(Question, frozen=True, kw_only=True):
    """Whose are these names that somebody wants? A sequence of ``NameHolder``.

    Messages of the time ``cutoff`` (ms) and older have expired.
    """

    wanted: Sequence[WantedName]
    cutoff: int


class NameHolder(msgspec.Struct, frozen=True, kw_only=True):
    """A ``NameRecord`` as it is stored.

    ``wrote_at`` is the time of the holder's newest message; None where nothing of theirs is left, or where
    they are the one who asks.
    """

    likeness: str
    user_id: str
    at: int
    wrote_at: int | None = None


class Names:
    def __init__(self, room_id: str, rules: RoomRules) -> None:
        self._room_id = room_id
        self._likenesses = partial(digests, room_id)  # of a name; here they are digests everywhere
        self._limit = rules.name_limit
        self._retention_ms = rules.retention_ms
        self._here: dict[str, set[str]] = {}  # likeness: who of those who are here
        self._wrote: dict[Holder, int] = {}  # since the wake: when last
        self._writers: dict[str, set[Holder]] = {}  # likeness: the keys of those
        self._found: dict[str, list[NameHolder]] = {}  # likeness: what storage says to this batch
        # Who speaks under the name they asked for last (its likenesses) gives up another (its likenesses).
        self._to_give_up: dict[str, tuple[Sequence[str], Sequence[str]]] = {}
        self._asked: set[Holder] = set()  # by this batch
        self._cutoff = 0

    # --- who is here ----------------------------------------------------------------------

    def take(self, name: str, user_id: str) -> None:
        for likeness in self._likenesses(name):
            self._here.setdefault(likeness, set()).add(user_id)

    def give_back(self, name: str, user_id: str) -> None:
        for likeness in self._likenesses(name):
            self._here[likeness].discard(user_id)
            if not self._here[likeness]:
                del self._here[likeness]

    # --- what must be read ----------------------------------------------------------------

    def begin(self, cutoff: int) -> None:
        """A batch begins. Messages of this time (ms) and older have expired."""
        self._cutoff = cutoff
        if self._asked:
            self._found, self._asked = {}, set()

    def ask(self, askers: Iterable[Holder]) -> Sequence[HoldersOf]:
        """What storage must say before these people may go by these names; once a batch for each."""
        unknown = [
            one for one in dict.fromkeys(askers) if one not in self._asked and not self._is_theirs(*one)
        ]
        if not unknown:
            return ()
        self._asked.update(unknown)
        return [HoldersOf(wanted=[self._wanted(*one) for one in unknown], cutoff=self._cutoff)]

    def _wanted(self, user_id: str, name: str) -> WantedName:
        return WantedName(
            user_id=user_id, likenesses=self._likenesses(name), offered=partial(self._offered, name)
        )

    def _is_theirs(self, user_id: str, name: str) -> bool:
        return self._is_here(user_id, name) or self._wrote.get((user_id, name), 0) > self._cutoff

    def _is_here(self, user_id: str, name: str) -> bool:
        return user_id in self._here.get(self._likenesses(name)[0], ())

    def _offered(self, name: str) -> list[str]:
        stem = _stem(name)
        if len(stem) + len(_ENDINGS[-1]) > self._limit:
            cut = (_numbered(stem, number, self._limit) for number in range(2, 2 + OFFERED))
            return [likeness for numbered in cut for likeness in self._likenesses(numbered)]
        alike = (likeness + ending for ending in _ENDINGS for likeness in likenesses(stem))
        return [digest(self._room_id, one) for one in alike]

    def learn(self, question: HoldersOf, holders: Sequence[NameHolder]) -> None:
        for holder in holders:
            self._found.setdefault(holder.likeness, []).append(holder)
        for wanted in question.wanted:
            own = [holder for holder in holders if holder.user_id == wanted.user_id]
            if all(holder.likeness not in wanted.likenesses for holder in own):
                self._note_surplus(wanted, own)

    def _note_surplus(self, wanted: WantedName, own: Sequence[NameHolder]) -> None:
        """The likenesses of one name were stored at one time."""
        times = {holder.at for holder in own}
        if len(times) >= NAMES_A_PERSON:
            oldest = [holder.likeness for holder in own if holder.at == min(times)]
            self._to_give_up[wanted.user_id] = wanted.likenesses, oldest
            if len(self._to_give_up) > REMEMBERED:
                del self._to_give_up[next(iter(self._to_give_up))]

    # --- who may go by which name -----------------------------------------------------------

    def refuse_taken(self, user_id: str, name: str) -> None:
        """Nobody is refused the name they go by here."""
        if self._is_here(user_id, name):
            return
        if self._is_held_here(user_id, name):
            raise NameTaken(suggestion=self._suggested(user_id, name))
        wrote_at = self._written_at(user_id, name)
        if wrote_at is not None:
            raise NameTaken(
                "Somebody wrote here under this name.",
                suggestion=self._suggested(user_id, name),
                wrote_at=wrote_at,
            )

    def shown(self, user_id: str, name: str, before: str | None) -> str:
        """What somebody is called whom nobody may refuse a name: with a number, if it is taken.

        ``before`` is what they are called here already: the number stays while they do.
        """
        if (
            before is not None
            and before != name
            and self._likenesses(_stem(before)) == self._likenesses(name)
        ):
            return before
        is_free = self._is_here(user_id, name) or not self._is_taken(user_id, name)
        return name if is_free else self._free_one_like(user_id, name)

    def _is_taken(self, user_id: str, name: str) -> bool:
        return self._is_held_here(user_id, name) or self._written_at(user_id, name) is not None

    def _is_held_here(self, user_id: str, name: str) -> bool:
        return any(self._here.get(likeness, set()) - {user_id} for likeness in self._likenesses(name))

    def _written_at(self, user_id: str, name: str) -> int | None:
        """When somebody else wrote last under a name like it; None: nobody, or nothing of it is left."""
        times = (at for likeness in self._likenesses(name) for at in self._times(likeness, user_id))
        return max((at for at in times if at > self._cutoff), default=None)

    def _times(self, likeness: str, asker: str) -> Iterator[int]:
        for holder in self._found.get(likeness, ()):
            if holder.user_id != asker and holder.wrote_at is not None:
                yield holder.wrote_at
        for key in self._writers.get(likeness, ()):
            if key[0] != asker:
                yield self._wrote[key]

    def _free_one_like(self, user_id: str, name: str) -> str:
        """The name with the first number behind it that makes it free, cut to fit.

        Beyond what is looked up, numbers begin where there are more than people here: a crowd of one
        name costs no more than a few looks each.
        """
        stem = _stem(name)
        numbers = chain(range(2, 2 + OFFERED), count(2 + OFFERED + len(self._here)))
        candidates = (_numbered(stem, number, self._limit) for number in numbers)
        return next(one for one in candidates if not self._is_taken(user_id, one))

    def _suggested(self, user_id: str, name: str) -> str:
        """As above, but not what they are called here already, which they want to change."""
        own = {likeness for likeness, people in self._here.items() if user_id in people}
        first = self._free_one_like(user_id, name)
        if not own & set(self._likenesses(first)):
            return first
        number = int(first.rpartition(" ")[2])
        candidates = (_numbered(_stem(name), one, self._limit) for one in count(number + 1))
        return next(one for one in candidates if not self._is_taken(user_id, one))

    # --- who wrote --------------------------------------------------------------------------

    def wrote(self, user_id: str, name: str, turn: Turn, at: int) -> None:
        """Somebody has said something under their name."""
        key = (user_id, name)
        before = self._wrote.get(key)
        self._wrote[key] = at
        if before is None or before <= self._cutoff:
            self._own(key, turn, at)

    def _own(self, key: Holder, turn: Turn, at: int) -> None:
        user_id, name = key
        asked_for, oldest = self._to_give_up.pop(user_id, ((), ()))
        for likeness in oldest if asked_for == self._likenesses(name) else ():
            turn.record(NameGivenUp(room_id=self._room_id, likeness=likeness, user_id=user_id))
            for given_up in [one for one in self._writers.get(likeness, ()) if one[0] == user_id]:
                self._forget(given_up)
        for likeness in self._likenesses(name):
            self._writers.setdefault(likeness, set()).add(key)
            turn.record(NameRecord(room_id=self._room_id, likeness=likeness, user_id=user_id, at=at))
        if len(self._wrote) > REMEMBERED:
            self._forget(next(iter(self._wrote)))

    def _forget(self, key: Holder) -> None:
        """Storage knows them; their next message stores it once more."""
        del self._wrote[key]
        for likeness in self._likenesses(key[1]):
            self._writers[likeness].discard(key)
            if not self._writers[likeness]:
                del self._writers[likeness]


def _stem(name: str) -> str:
    return _NUMBER_BEHIND.sub("", name)


def _numbered(stem: str, number: int, length_limit: int) -> str:
    ending = f" {number}"
    return stem[: length_limit - len(ending)].rstrip() + ending


# A space ends what has an influence on the likeness of what stands behind it.
_ENDINGS = tuple(f" {likenesses(str(number))[0]}" for number in range(2, 2 + OFFERED))
