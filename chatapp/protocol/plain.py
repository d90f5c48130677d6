"""The original system's dialect: text frames of JSON, one object each, and a bare `ping`.

A client written for the original must not notice the difference, so names and members are its
own (`userId`, `timestamp`), and `error` is the one type it does not know and ignores.

It knows texts alone, so a message's files are lines of its text: a name, and a link to the message, which
leads as long as the message is there, to whoever may be in the room.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated
from urllib.parse import quote

import msgspec
from msgspec import UNSET, Meta, Raw, UnsetType

from chatapp.errors import ChatError, UnknownEvent
from chatapp.limits.table import Scope
from chatapp.protocol.parsing import parse_as
from chatapp.protocol.strict_json import decode_json
from chatapp.protocol.words import Content, checked_content
from chatapp.rooms.attendance.people import Person, PersonJoined, PersonLeft
from chatapp.rooms.attendance.presence import PresenceChanged
from chatapp.rooms.events import Broadcast, RoomEvent
from chatapp.rooms.joining import Joined
from chatapp.rooms.messages.bodies import MessageBody
from chatapp.rooms.messages.change_bodies import DeleteBody, EditBody
from chatapp.rooms.messages.uploads import Upload

PING = "ping"
PONG = "pong"


class PlainRequest(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="message"):
    """`{"type": "message", "content": …}`, all that a client of this dialect can say."""

    content: Content

    def __post_init__(self) -> None:
        checked_content(self.content)


class PlainUser(msgspec.Struct, frozen=True, kw_only=True):
    userId: str
    username: str


class PlainMessage(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="message"):
    id: str
    userId: str
    username: str
    content: Annotated[Raw, Meta(extra_json_schema={"type": "string"})]
    timestamp: int


class PlainEdit(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="edit"):
    """The message `id` says something else now. The original did not know it: its clients pass it over."""

    id: str
    content: Annotated[Raw, Meta(extra_json_schema={"type": "string"})]
    timestamp: int


class PlainDelete(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="delete"):
    """The message `id` was taken back. The original did not know it: its clients pass it over."""

    id: str
    timestamp: int


class PlainJoin(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="join"):
    id: str
    userId: str
    username: str
    timestamp: int


class PlainLeave(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="leave"):
    id: str
    userId: str
    username: str
    timestamp: int


class PlainHistory(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="history"):
    """The newest messages, oldest first."""

    messages: list[PlainMessage]


class PlainPresence(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="presence"):
    """Everybody who is here, one entry per person."""

    users: list[PlainUser]


class PlainError(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="error"):
    """`scope` is who is over a limit, and for how long (ms) `retryAfterMs`."""

    code: str
    message: str
    retryAfterMs: int | UnsetType = UNSET
    scope: Scope | UnsetType = UNSET


PLAIN_FRAMES: tuple[type[msgspec.Struct], ...] = (
    PlainHistory,
    PlainJoin,
    PlainLeave,
    PlainMessage,
    PlainEdit,
    PlainDelete,
    PlainPresence,
    PlainError,
)
_encode = msgspec.json.Encoder().encode
_text = msgspec.json.Decoder(str).decode
_message_body = msgspec.json.Decoder(MessageBody).decode
_edit_body = msgspec.json.Decoder(EditBody).decode
_delete_body = msgspec.json.Decoder(DeleteBody).decode


def parse_plain(text: str | bytes) -> PlainRequest:
    """A client's frame that is not `ping`; raises what `parse` of the other dialect raises."""
    frame = decode_json(text)
    if isinstance(frame, dict) and frame.get("type") != "message":
        raise UnknownEvent
    return parse_as(PlainRequest, frame)


def encode_plain_broadcast(broadcast: Broadcast, site: str = "") -> bytes | None:
    """A frame for everybody of this dialect; None for what the original does not know.

    ``site`` is where people open this chat, ``https://chat.example``: links begin with it.
    """
    match broadcast:
        case RoomEvent():
            frame = _told(broadcast, site)
            return None if frame is None else _encode(frame)
        case PersonJoined():
            return encode_plain_arrival(broadcast)
        case PersonLeft(id=id, ts=ts, person=person):
            return _encode(PlainLeave(id=id, userId=person.id, username=person.name, timestamp=ts))
        case PresenceChanged(people=people) if people is not None:
            return encode_plain_presence(people)
        case _:
            return None


def encode_plain_greeting(joined: Joined, site: str = "") -> list[bytes]:
    """What a newcomer gets, in this order: history, its own arrival, who is here."""
    people, own = joined.presence.people or (), joined.arrival.person
    return [
        encode_plain_history(joined.events, site),
        encode_plain_arrival(joined.arrival),
        # In a crowd not everybody is named; one is oneself all the same.
        encode_plain_presence(people if any(p.id == own.id for p in people) else [*people, own]),
    ]


def encode_plain_history(page: Iterable[RoomEvent], site: str = "") -> bytes:
    """As they are now, without those that were deleted."""
    found = (_message(event, site) for event in page if event.type == "message")
    return _encode(PlainHistory(messages=[message for message in found if message is not None]))


def encode_plain_arrival(arrival: PersonJoined) -> bytes:
    person = arrival.person
    return _encode(PlainJoin(id=arrival.id, userId=person.id, username=person.name, timestamp=arrival.ts))


def encode_plain_presence(people: Sequence[Person]) -> bytes:
    return _encode(PlainPresence(users=[PlainUser(userId=p.id, username=p.name) for p in people]))


def encode_plain_error(error: ChatError) -> bytes:
    return _encode(
        PlainError(
            code=error.code,
            message=error.message,
            retryAfterMs=UNSET if error.retry_after_ms is None else error.retry_after_ms,
            scope=error.extra.get("scope", UNSET),
        )
    )


def _told(event: RoomEvent, site: str) -> PlainMessage | PlainEdit | PlainDelete | None:
    match event.type:
        case "message":
            return _message(event, site)
        case "edit":
            return _edit(event, site)
        case "delete":
            return PlainDelete(id=_delete_body(event.body).target.id, timestamp=event.ts)
        case _:
            return None


def _message(event: RoomEvent, site: str) -> PlainMessage | None:
    """None: it was deleted."""
    body = _message_body(event.body)
    content = body.content
    if isinstance(content, UnsetType) or body.deleted is not UNSET:
        return None
    return PlainMessage(
        id=event.id,
        userId=event.user_id,
        username=event.user_name,
        content=_with_files(content, body.uploads, site, event.room_id, event.seq),
        timestamp=event.ts,
    )


def _edit(event: RoomEvent, site: str) -> PlainEdit | None:
    """None: what was edited is gone again, or this is read from the log without its words."""
    body = _edit_body(event.body)
    if isinstance(body.content, UnsetType):
        return None
    content = _with_files(body.content, body.uploads, site, event.room_id, body.target.seq)
    return PlainEdit(id=body.target.id, content=content, timestamp=event.ts)


def _with_files(
    content: Raw, uploads: Sequence[Upload] | UnsetType, site: str, room_id: str, seq: int
) -> Raw:
    """The text, and a line for each file, with the link to the message as the page itself copies it."""
    if not uploads:
        return content
    link = f"{site}/chat/{quote(room_id, safe='')}#s{seq}"
    lines = [_text(content), *(f"{upload.name}: {link}" for upload in uploads)]
    return Raw(_encode("\n".join(filter(None, lines))))
