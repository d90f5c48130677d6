"""An aspect: what belongs together in a room, with its state, its commands, its questions and its records.

A room is its aspects in one order (``room.ASPECTS``). A later one is handed those before it that it builds
on, and no aspect knows one behind it. With each batch a room lets them all

1. ``begin``: forget what mattered to the last batch only, and what has expired since;
2. ``ask`` storage, if the batch has a command of a kind that they ask about. What a room does not know is
   never guessed, and nothing is asked that it knows: a batch of plain messages asks the log at most;
3. ``learn`` the answers, of all aspects to all of them, if anything was asked;
4. handle the commands, each by the one aspect that ``handles`` its kind;
5. ``finish``: do what time demands, tell what is told once a batch, hand over what is to be stored.

Declare beside an aspect what it alone says: its commands (``Command``), their answers, its signals
(``Signal``), what it stores (``Record``) and what it asks (``Question``). The store has a reader for each
kind of question and a writer for each kind of record; whoever says or hears the rest takes it from here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

import msgspec

from chatapp.kernel.durable_object import Turn
from chatapp.kernel.ports import Acquired
from chatapp.rooms.commands import Command, Member
from chatapp.rooms.rules import RoomRules

K = TypeVar("K")
V = TypeVar("V")


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """What storage must say about the room. Each is read by itself: what must fit together, one asks for."""


Found = Sequence[tuple[Any, Any]]
"""Each question of a batch with its answer: what the question's docstring promises."""

Handler = Callable[[Any, Any, Turn], Any]
"""A method of an aspect, told a command: check, then change, then say what happened.

Returns the answer, or a ``Deferred`` one that is made at the end of the batch. Raises ``ChatError`` to
refuse, before anything was changed.
"""


Handlers = Mapping[type[Command], Handler]


@dataclass(frozen=True, slots=True, kw_only=True)
class Waking:
    """What a room wakes with. ``members`` are those on this node; ``memory`` of ``acquired`` the sessions."""

    acquired: Acquired
    members: Sequence[Member]
    now_ms: int
    rules: RoomRules
    new_id: Callable[[], str]

    @property
    def room_id(self) -> str:
        return self.acquired.lease.room_id


class Aspect:
    """One that has nothing to do but its commands."""

    handles: ClassVar[Handlers] = {}
    answers: ClassVar[Sequence[type[msgspec.Struct]]] = ()
    """The kinds of what the handlers return."""


class TurnAspect(Aspect):
    """One with a part in every turn, whatever is said. A turn may be one message: what is here costs all."""

    asks_about: ClassVar[frozenset[type[Command]]] = frozenset()
    """``ask`` is called for a batch with a command of these, and for the first after a wake."""

    @property
    def deadline_ms(self) -> int | None:
        """When a batch must happen even if nobody says anything; None: it may sleep for ever."""
        return None

    def begin(self, now_ms: int) -> None:
        """A batch begins."""

    def ask(self, commands: Sequence[Command]) -> Sequence[Question]:
        """What storage must say before these commands can be decided. ``begin`` said when this is."""
        return ()

    def learn(self, found: Found) -> None:
        """What storage has said, to this aspect's questions and to those of the others."""

    def finish(self, turn: Turn, *, is_last: bool) -> None:
        """The batch's commands are all decided. ``is_last``: the node is about to stop, keep nothing back."""


def merged(parts: Iterable[Mapping[K, V]]) -> dict[K, V]:
    """One mapping of all, in their order. What two of them have is an error: somebody would go unheard."""
    everything: dict[K, V] = {}
    for part in parts:
        if twice := everything.keys() & part.keys():
            raise TypeError(f"declared twice: {', '.join(map(str, twice))}")
        everything |= part
    return everything


def soonest(first: int | None, second: int | None) -> int | None:
    if first is None or (second is not None and second < first):
        return second
    return first
