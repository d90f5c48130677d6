"""An aspect of a room as one person's client has it: what belongs together, as in the server's room.

It hears some of the server's events, has its part of a join's answer, and offers what one can do there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from chatapp.client.connection import Answer, Connection
from chatapp.client.turns import NamedTimers, Turns
from chatapp.client.wire import Json

Hears = Mapping[str, Callable[[Any, Json], None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomLink:
    """A room's way to the server."""

    room_id: str
    connection: Connection
    turns: Turns

    def request(self, name: str, fields: Json, answer: Answer) -> None:
        self.connection.request(name, {"room": self.room_id, **fields}, answer)


class Aspect:
    hears: ClassVar[Hears] = {}

    def __init__(self, link: RoomLink) -> None:
        self._link = link
        self._timers = NamedTimers(link.turns)

    def joined(self, ack: Json) -> None:
        """The room was entered, anew or again."""

    def closed(self) -> None:
        """The connection is gone, or the room was left."""
        self._timers.cancel_all()


def merged(aspects: Iterable[type[Aspect]]) -> dict[str, tuple[int, Callable[[Any, Json], None]]]:
    """Who hears an event: the place of its aspect, and the method. Each has one."""
    heard: dict[str, tuple[int, Callable[[Any, Json], None]]] = {}
    for place, aspect in enumerate(aspects):
        for name, method in aspect.hears.items():
            if name in heard:
                raise TypeError(f"two aspects hear {name}")
            heard[name] = place, method
    return heard
