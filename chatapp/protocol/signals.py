"""What the server says unasked over Socket.IO.

`event` is the log, one row each, and may never be missed; an old client that does not know a
`type` still counts it. All the others are about now: the last one wins.
"""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

import msgspec
from msgspec import UNSET, Meta, Raw, UnsetType

from chatapp import limits
from chatapp.protocol.requests import REQUESTS
from chatapp.rooms.attendance.people import Person
from chatapp.rooms.attendance.presence import PresenceChanged
from chatapp.rooms.events import RoomEvent

VERSION = "1"
FEATURES = tuple(REQUESTS)
"""What works: the events a client may send. Those of the rest answer `unsupported`."""

Version: TypeAlias = Annotated[tuple[int, int], Meta(description="`[epoch, n]`, compared in order.")]


class User(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    name: str


class PresentUser(User, frozen=True, kw_only=True):
    """A person in the room; `lost_at` (ms) is there while only lost connections keep them."""

    devices: int
    lost_at: int | UnsetType = UNSET


class LogEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One row of a room's log. `seq` has no holes, `ts` (ms) never falls along it."""

    room: str
    seq: int
    type: Annotated[
        str, Meta(description="`message`; later `edit`, `delete`, `react`, `room`, `moderation`: count them.")
    ]
    id: str
    ts: int
    user: User
    client_id: Annotated[str, Meta(description="The sender's id of it, unique together with the user.")]
    body: Annotated[
        Raw,
        Meta(
            description="By type; a `message` has `content`.",
            extra_json_schema={"type": "object", "properties": {"content": {"type": "string"}}},
        ),
    ]


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


class ReadSignal(msgspec.Struct, frozen=True, kw_only=True):
    """One's own read cursor moved, here or on another device; `user` is one's own id."""

    room: str
    user: str
    seq: int


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

    `build` changes with the files of its pages.
    """

    protocol: str = VERSION
    build: str
    server_time: int
    connection: str
    user: User
    device: str
    limits: Limits = Limits()
    features: tuple[str, ...] = FEATURES


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


SIGNALS: dict[str, type[msgspec.Struct]] = {
    "hello": Hello,
    "event": LogEvent,
    "presence": PresenceSignal,
    "typing": TypingSignal,
    "read": ReadSignal,
    "resync": Resync,
    "notice": Notice,
    "bye": Bye,
}


def log_event(event: RoomEvent) -> LogEvent:
    return LogEvent(
        room=event.room_id,
        seq=event.seq,
        type=event.type,
        id=event.id,
        ts=event.ts,
        user=User(id=event.user_id, name=event.user_name),
        client_id=event.client_id,
        body=Raw(event.body),
    )


def present_user(person: Person) -> PresentUser:
    return PresentUser(
        id=person.id,
        name=person.name,
        devices=person.devices,
        lost_at=UNSET if person.lost_at is None else person.lost_at,
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
