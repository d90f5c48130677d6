"""On the wire: the connection itself. What a server says first and last, and whether one is up to date."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType
from msgspec.structs import force_setattr

from chatapp import limits
from chatapp.protocol.aspect import Words
from chatapp.protocol.forms import Ack, Ms, Request, Seq, User
from chatapp.protocol.words import normal_room_id

VERSION = "1"


class PingAck(Ack, frozen=True, kw_only=True):
    """`behind` names the rooms that have more than `heads` said, with their head."""

    t: int | float
    server_time: Ms
    behind: dict[str, int] | UnsetType = UNSET


class PingRequest(Request, frozen=True, kw_only=True):
    """Am I up to date? `heads` is the last seq known in each room; no room is woken."""

    event: ClassVar[str] = "ping"
    ack: ClassVar[type[Ack]] = PingAck

    t: Annotated[int | float, Meta(description="Comes back as it was sent.")]
    heads: Annotated[dict[str, Seq], Meta(max_length=limits.ROOMS_PER_CONNECTION)] = msgspec.field(
        default_factory=dict
    )

    def __post_init__(self) -> None:
        heads = {normal_room_id(room, "heads"): seq for room, seq in self.heads.items()}
        force_setattr(self, "heads", heads)


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """The sizes a client should know before the server refuses."""

    content: int = limits.CONTENT_LENGTH
    name: int = limits.NAME_LENGTH
    room: int = limits.ROOM_ID_LENGTH
    client_id: int = limits.CLIENT_ID_LENGTH
    frame_bytes: int = limits.FRAME_BYTES
    attachment_bytes: int = limits.ATTACHMENT_BYTES
    history: int = limits.HISTORY_PAGE
    lookup: int = limits.LOOKUP_IDS
    rooms: int = limits.ROOMS_PER_CONNECTION


class Hello(msgspec.Struct, frozen=True, kw_only=True):
    """The first word: who the server takes you for, and what it can do.

    `build` changes with the files of its pages; `features` are the events that a client may send.
    """

    protocol: str = VERSION
    build: str
    server_time: int
    connection: str
    user: User
    device: str
    limits: Limits = Limits()
    features: tuple[str, ...]


class Resync(msgspec.Struct, frozen=True, kw_only=True):
    """Something went past you: join the room again with your cursor."""

    room: str
    reason: Literal["lagging", "stream_changed", "owner_moved"]
    head: int


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """A word to the people in front of the screen; `until` in ms since 1970."""

    level: Literal["info", "warning", "error"]
    code: str
    text: str
    until: int | UnsetType = UNSET


class Bye(msgspec.Struct, frozen=True, kw_only=True):
    """The server is about to close this connection. `retry`: come back after `after_ms`.

    `code` is that of a refusal: `draining`, `token_expired`, `unauthorized` (signed out), `banned`.
    """

    code: str
    retry: bool
    after_ms: int


WORDS = Words(
    requests=(PingRequest,), signals={"hello": Hello, "resync": Resync, "notice": Notice, "bye": Bye}
)
