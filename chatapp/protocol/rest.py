"""What travels over HTTP beside the routes of the aspects: signing in, the rooms one was in, health.

A refusal is the same `Refused` as on a socket, with its status.
"""

from __future__ import annotations

import msgspec
from msgspec.structs import force_setattr

from chatapp.protocol.aspect import Route, Words
from chatapp.protocol.forms import Ack, Ms, User
from chatapp.protocol.messages import HistoryAck
from chatapp.protocol.parsing import parse_as
from chatapp.protocol.words import PersonName, normal_name

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

    Only the newest hundred events are looked at for `unread`; so more than 99 means many. `mentions` counts,
    apart from that and as far, how often they have called one by name.
    """

    id: str
    head: int
    read: int
    unread: int
    mentions: int


class RoomOpening(msgspec.Struct, frozen=True, kw_only=True):
    """What a room had to show somebody at one moment: its newest page, how far they had read, and how often
    they were called by name behind that.
    """

    history: HistoryAck
    read: int
    mentions: int
    retention_ms: int


class PageOpening(msgspec.Struct, frozen=True, kw_only=True):
    """What a room's page brings with it; `room` is null where nobody has been yet.

    `namesake` is a room of the same name in small letters, where nothing was said in this one.
    """

    user: User
    server_time: Ms
    room: RoomOpening | None
    namesake: str | None = None


class PeopleHere(msgspec.Struct, frozen=True, kw_only=True):
    """Who is in a room, for whoever is asked for a name before they come in; of many only some are named.

    They are counted up to a hundred; so more than 99 means many.
    """

    names: tuple[str, ...]
    count: int


class Health(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """``relay`` says why this node does not hear the others, where that is so."""

    status: str
    relay: str | None = None


def parse_sign_in(body: object) -> SignInBody:
    return parse_as(SignInBody, body)


WORDS = Words(
    routes=(
        Route(
            method="POST",
            path="/api/session",
            summary="Sign in as a guest; with a valid token: take another name. The token stays the same.",
            body=SignInBody,
            answer=SignedIn,
            refuses=(400, 401, 403, 413, 429, 503),
        ),
        Route(
            method="GET",
            path="/api/session",
            summary="Who am I?",
            answer=WhoAmI,
            needs_token=True,
            refuses=(401, 503),
        ),
        Route(
            method="DELETE",
            path="/api/session",
            summary="Sign out: the token is void, all sockets of this person end.",
            answer=SignedOut,
            needs_token=True,
            refuses=(401, 403, 503),
        ),
        Route(
            method="GET",
            path="/api/rooms",
            summary="The rooms one was in, with what is unread; the one visited last first.",
            answer=VisitedRoom,
            is_list=True,
            needs_token=True,
            refuses=(401, 429, 503),
        ),
        Route(method="GET", path="/healthz", summary="The process is alive.", answer=Health),
        Route(
            method="GET",
            path="/readyz",
            summary="It may take traffic: storage answers, and it is not draining.",
            answer=Health,
            refuses=(503,),
            refuses_with=Health,
        ),
        Route(method="GET", path="/metrics", summary="Figures for Prometheus.", answer=None),
    ),
)
