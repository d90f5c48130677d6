"""What the words of the wire are made of: a request, its ack, and the small types that many have."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, TypeAlias

import msgspec
from msgspec import Meta
from msgspec.structs import force_setattr

from chatapp import limits
from chatapp.protocol.words import RoomId, checked_message_id, normal_room_id
from chatapp.rooms.messages.targets import TargetId

Ms: TypeAlias = Annotated[int, Meta(description="Milliseconds since 1970 by the server's clock.")]

Seq: TypeAlias = Annotated[int, Meta(ge=0, le=limits.LARGEST_INTEGER, description="A place in the log.")]


class Ack(msgspec.Struct, frozen=True, kw_only=True):
    ok: Literal[True] = True


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What a client may say. One that exists is valid and in normal form.

    Fields that nobody declared are ignored, `seq`, `ts` and whoever claims to be the sender among them.
    """

    event: ClassVar[str]
    ack: ClassVar[type[Ack]]


class RoomRequest(Request, frozen=True, kw_only=True):
    room: RoomId

    def __post_init__(self) -> None:
        normal = normal_room_id(self.room)
        if normal is not self.room:
            force_setattr(self, "room", normal)


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """Which message is meant: both, because after a restore places are given again."""

    seq: Seq
    id: Annotated[str, Meta(min_length=1, max_length=limits.MESSAGE_ID_LENGTH)]

    def __post_init__(self) -> None:
        checked_message_id(self.id, "target.id")

    def as_id(self) -> TargetId:
        return TargetId(seq=self.seq, id=self.id)


class User(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    name: str
