"""Mentions: whom a message calls by name, and who may be called.

A mention is kept if its ``@name`` stands in the text, and if it is a name by which that person is known here:
they are here under it, were within the retention, or have spoken under it. Names are compared by what they
look like, and shown as they were sent. A mention that does not hold is left out and refused to nobody: people
go while one writes, and the words count.

Everybody who is here is called by the name ``here`` and no id; where many are, nobody calls them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set

from msgspec.structs import replace

from chatapp.kernel.durable_object import Turn
from chatapp.rooms.aspect import Question
from chatapp.rooms.attendance.aspect import Attendance
from chatapp.rooms.attendance.likeness import digests
from chatapp.rooms.events import Record
from chatapp.rooms.messages.bodies import Mention
from chatapp.rooms.rules import RoomRules

EVERYBODY, HERE = "", "here"

Called = tuple[str, str]
"""(user_id, name)"""


class CalledAs(Question, frozen=True, kw_only=True):
    """Which of these people are known here by these names? A set of the ``Called`` that are.

    Whoever was last here at the time ``cutoff`` (ms) or earlier is not.
    """

    people: tuple[Called, ...]
    cutoff: int


class MentionsSet(Record, frozen=True, kw_only=True):
    """Who is called by the message ``target``, which is of the time ``ts`` (ms), and who no longer is.

    Each is a user id, ``EVERYBODY`` or somebody's, with the seq of the event that called them. Nobody calls
    themselves.
    """

    room_id: str
    target: int
    ts: int
    called: tuple[tuple[str, int], ...]
    no_longer: tuple[tuple[str, int], ...]


class Mentions:
    """What a batch has to know to keep mentions, and what is stored of them."""

    def __init__(self, room_id: str, attendance: Attendance, rules: RoomRules) -> None:
        self._room_id = room_id
        self._attendance = attendance
        self._here_limit = rules.here_limit
        self._known: set[Called] = set()
        self._asked: set[Called] = set()

    # --- what must be read --------------------------------------------------------------

    def begin(self) -> None:
        if self._asked:
            self._known, self._asked = set(), set()

    def ask(self, mentions: Iterable[Mention], cutoff: int) -> Sequence[CalledAs]:
        """What storage must say of those who are not here under this name; once a batch for each."""
        called = dict.fromkeys((one.id, one.name) for one in mentions if one.id != EVERYBODY)
        unknown = [one for one in called if one not in self._asked and not self._is_here(*one)]
        self._asked.update(unknown)
        return [CalledAs(people=tuple(unknown), cutoff=cutoff)] if unknown else ()

    def learn(self, known: Set[Called]) -> None:
        self._known |= known

    # --- what is kept -------------------------------------------------------------------

    def kept(
        self, wanted: Sequence[Mention], content: str, *, before: Sequence[Mention] = (), seq: int = 0
    ) -> list[Mention]:
        """Those that hold, each person and each name once.

        ``before`` are the mentions of the text that an edit replaces, ``seq`` is the edit's: whoever was
        called already is not called again.
        """
        kept: dict[str, Mention] = {}
        names: set[str] = set()
        since = {mention.id: mention.since for mention in before}
        called = {(mention.id, mention.name) for mention in before}
        for mention in wanted:
            if mention.id in kept or mention.name in names or f"@{mention.name}" not in content:
                continue
            if (mention.id, mention.name) in called or self._may_be_called(mention):
                kept[mention.id] = replace(mention, since=since.get(mention.id, seq))
                names.add(mention.name)
        return list(kept.values())

    def _may_be_called(self, mention: Mention) -> bool:
        if mention.id == EVERYBODY:
            return mention.name == HERE and self._attendance.people_count <= self._here_limit
        called = (mention.id, mention.name)
        return called in self._known or self._is_here(*called)

    def _is_here(self, user_id: str, name: str) -> bool:
        here_as = self._attendance.name_of(user_id)
        return here_as is not None and are_alike(self._room_id, here_as, name)

    # --- what is stored -----------------------------------------------------------------

    def call(
        self,
        turn: Turn,
        target: int,
        ts: int,
        *,
        author_id: str,
        before: Sequence[Mention],
        now: Sequence[Mention],
    ) -> None:
        """The message ``target`` calls these from now on, and called those ``before``."""
        called, was = _rows(now, target, author_id), _rows(before, target, author_id)
        if called == was:
            return
        turn.record(
            MentionsSet(
                room_id=self._room_id,
                target=target,
                ts=ts,
                called=tuple(row for row in called if row not in was),
                no_longer=tuple(row for row in was if row not in called),
            )
        )


def are_alike(room_id: str, name: str, other: str) -> bool:
    """Whether a reader takes the two for one name."""
    return name == other or not set(digests(room_id, name)).isdisjoint(digests(room_id, other))


def _rows(mentions: Iterable[Mention], target: int, author_id: str) -> list[tuple[str, int]]:
    return [(one.id, one.since or target) for one in mentions if one.id != author_id]
