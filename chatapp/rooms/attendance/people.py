"""People: those who are in a room as the others see them, and the word that one came or went."""

from __future__ import annotations

import msgspec

from chatapp.rooms.events import Signal


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """A person in the room. ``lost_at`` (ms) is set while only lost connections keep them here.

    ``is_visitor``: here by the plain dialect alone, which knows no sign-in.
    """

    id: str
    name: str
    devices: int = 1
    lost_at: int | None = None
    is_visitor: bool = False


class PersonJoined(Signal, frozen=True, kw_only=True):
    """For the plain dialect: somebody came, told at once (not above 200 people)."""

    id: str
    ts: int
    person: Person


class PersonLeft(Signal, frozen=True, kw_only=True):
    """For the plain dialect: somebody went, told at once (not above 200 people)."""

    id: str
    ts: int
    person: Person
