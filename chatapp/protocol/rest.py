"""What travels over HTTP: bodies and answers of the REST routes.

History and sending use the same requests and answers as a socket does; a refusal is the same
`Refused`, with its status.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, TypeAlias

import msgspec
from msgspec import Meta
from msgspec.structs import force_setattr

from chatapp.errors import BadRequest
from chatapp.protocol.answers import Ack, HistoryAck
from chatapp.protocol.parsing import parse_as
from chatapp.protocol.requests import HistoryRequest, MessageRequest, NotOffered
from chatapp.protocol.signals import User
from chatapp.protocol.words import Content, PersonName, normal_name

Ms: TypeAlias = Annotated[int, Meta(description="Milliseconds since 1970.")]

COOKIE = "chat_token"
"""What the name of the page's cookie begins with, HttpOnly; everybody else sends `Authorization: Bearer`."""


class SignInBody(msgspec.Struct, frozen=True, kw_only=True):
    """The name of a guest; with a valid token, the new name of the one who holds it."""

    name: PersonName

    def __post_init__(self) -> None:
        force_setattr(self, "name", normal_name(self.name))


class SignedIn(Ack, frozen=True, kw_only=True):
    """The token never changes; its expiry moves on with use, until 30 days after the last."""

    token: str
    expires_at: Ms
    user: User


class WhoAmI(Ack, frozen=True, kw_only=True):
    expires_at: Ms
    user: User


class SignedOut(Ack, frozen=True, kw_only=True):
    """All sockets of this person end, on every node, within a second or two."""


class VisitedRoom(msgspec.Struct, frozen=True, kw_only=True):
    """A room one was in: its newest seq, how far one has read, and how much others have said since.

    Only the newest hundred events are looked at for `unread`; so more than 99 means many.
    """

    id: str
    head: int
    read: int
    unread: int


class RoomOpening(msgspec.Struct, frozen=True, kw_only=True):
    """What a room had to show somebody at one moment: its newest page, and how far they had read."""

    history: HistoryAck
    read: int
    retention_ms: int


class PageOpening(msgspec.Struct, frozen=True, kw_only=True):
    """What a room's page brings with it; `room` is null where nobody has been yet.

    `namesake` is a room of the same name in small letters, where nothing was said in this one.
    """

    user: User
    server_time: Ms
    room: RoomOpening | None
    namesake: str | None = None


class PostBody(msgspec.Struct, frozen=True, kw_only=True):
    """A message; its client id is the header `Idempotency-Key`."""

    content: Content
    reply_to: NotOffered = None
    uploads: NotOffered = None


class Health(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """``relay`` says why this node does not hear the others, where that is so."""

    status: str
    relay: str | None = None


def parse_sign_in(body: object) -> SignInBody:
    return parse_as(SignInBody, body)


def parse_post(room: str, idempotency_key: str | None, body: object) -> MessageRequest:
    """A send over HTTP; always a possible repeat, for what repeats HTTP requests says nothing."""
    if not idempotency_key:
        raise BadRequest("The header Idempotency-Key is missing.", field="Idempotency-Key")
    post = parse_as(PostBody, body)
    return MessageRequest(
        room=room,
        client_id=idempotency_key,
        content=post.content,
        retry=True,
        reply_to=post.reply_to,
        uploads=post.uploads,
    )


def parse_history_query(room: str, query: Mapping[str, str]) -> HistoryRequest:
    """A history request whose numbers came as text in a URL."""
    asked = {name: query[name] for name in ("before", "after", "around", "limit") if name in query}
    return parse_as(HistoryRequest, {"room": room, **asked}, strict=False)
