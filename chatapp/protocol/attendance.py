"""On the wire: who is here, who comes and goes, who is typing."""

from __future__ import annotations

from typing import Annotated, ClassVar, TypeAlias

import msgspec
from msgspec import UNSET, Meta, UnsetType

from chatapp.protocol.aspect import Named, Words
from chatapp.protocol.forms import Ack, RoomRequest, User
from chatapp.rooms.attendance.people import Person
from chatapp.rooms.attendance.presence import Presence, PresenceChanged
from chatapp.rooms.attendance.typists import TypingChanged

Version: TypeAlias = Annotated[tuple[int, int], Meta(description="`[epoch, n]`, compared in order.")]


class LeaveAck(Ack, frozen=True, kw_only=True):
    pass


class LeaveRequest(RoomRequest, frozen=True, kw_only=True):
    """Go, at once and on purpose."""

    event: ClassVar[str] = "leave"
    ack: ClassVar[type[Ack]] = LeaveAck


class PresentUser(User, frozen=True, kw_only=True):
    """A person in the room; `lost_at` (ms) is there while only lost connections keep them."""

    devices: int
    lost_at: int | UnsetType = UNSET


class PresenceView(msgspec.Struct, frozen=True, kw_only=True):
    """Who is here. `v` is `[epoch, n]`, compared in order; `count` may be more than `users`.

    Above 200 people only those who have signed in are named, and nobody if they are more than 200.
    """

    v: Version
    users: list[PresentUser]
    count: int


class PresenceAck(Ack, frozen=True, kw_only=True):
    v: Version
    users: list[PresentUser]
    count: int


class PresenceRequest(RoomRequest, frozen=True, kw_only=True):
    """Who is here?"""

    event: ClassVar[str] = "presence"
    ack: ClassVar[type[Ack]] = PresenceAck


class TypingAck(Ack, frozen=True, kw_only=True):
    """Heard; what became of it shows in the signal `typing`."""


class TypingRequest(RoomRequest, frozen=True, kw_only=True):
    """I am typing, or no longer. Its ack says nothing, and nobody needs to ask for it."""

    event: ClassVar[str] = "typing"
    ack: ClassVar[type[Ack]] = TypingAck

    on: bool


class PresenceSignal(msgspec.Struct, frozen=True, kw_only=True):
    """Who came and went since the last one. A jump in `v`: ask `presence`. `full` replaces everything."""

    room: str
    v: Version
    full: list[PresentUser] | UnsetType = UNSET
    joined: list[PresentUser] | UnsetType = UNSET
    left: list[PresentUser] | UnsetType = UNSET
    changed: list[PresentUser] | UnsetType = UNSET
    count: int


class TypingSignal(msgspec.Struct, frozen=True, kw_only=True):
    """Everybody who is typing, so that nothing can stick; void after `ttl_ms`."""

    room: str
    users: list[User]
    ttl_ms: int


def present_user(person: Person) -> PresentUser:
    return PresentUser(
        id=person.id,
        name=person.name,
        devices=person.devices,
        lost_at=UNSET if person.lost_at is None else person.lost_at,
    )


def presence_ack(presence: Presence) -> PresenceAck:
    return PresenceAck(
        v=presence.version,
        users=[present_user(person) for person in presence.people or ()],
        count=presence.count,
    )


def presence_signal(room_id: str, change: PresenceChanged) -> PresenceSignal:
    if change.people is None:
        # Too many for names. The empty list takes away those a client still shows.
        return PresenceSignal(room=room_id, v=change.version, full=[], count=change.count)
    if change.is_full:
        full = [present_user(person) for person in change.people]
        return PresenceSignal(room=room_id, v=change.version, full=full, count=change.count)
    return PresenceSignal(
        room=room_id,
        v=change.version,
        joined=[present_user(person) for person in change.joined] or UNSET,
        left=[present_user(person) for person in change.left] or UNSET,
        changed=[present_user(person) for person in change.changed] or UNSET,
        count=change.count,
    )


def _presence(room_id: str, change: PresenceChanged) -> Named:
    return "presence", presence_signal(room_id, change)


def _typing(room_id: str, change: TypingChanged) -> Named:
    users = [User(id=person.id, name=person.name) for person in change.people]
    return "typing", TypingSignal(room=room_id, users=users, ttl_ms=change.ttl_ms)


WORDS = Words(
    requests=(LeaveRequest, PresenceRequest, TypingRequest),
    signals={"presence": PresenceSignal, "typing": TypingSignal},
    told={PresenceChanged: _presence, TypingChanged: _typing},
)
