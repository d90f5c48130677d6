"""On the wire: an emoji on a message, or no longer, and whose they are."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, Protocol

import msgspec
from msgspec import UNSET, UnsetType
from msgspec.structs import force_setattr

from chatapp.protocol.aspect import Route, Words
from chatapp.protocol.changing import target_of
from chatapp.protocol.forms import Ack, RoomRequest, Target, User
from chatapp.protocol.words import Emoji, normal_emoji
from chatapp.rooms.commands import Member
from chatapp.rooms.reacting import Reaction


class ReactAck(Ack, frozen=True, kw_only=True):
    """Stored, with the event `seq`; without one it was so already."""

    seq: int | UnsetType = UNSET


class ReactRequest(RoomRequest, frozen=True, kw_only=True):
    """Set a reaction of one's own, or take it back. It is a setting: the last word counts.

    Several are stored together, so the ack comes within about a second.
    """

    event: ClassVar[str] = "react"
    ack: ClassVar[type[Ack]] = ReactAck

    target: Target
    emoji: Emoji
    on: bool

    def __post_init__(self) -> None:
        RoomRequest.__post_init__(self)
        force_setattr(self, "emoji", normal_emoji(self.emoji))


class ReactedUsers(msgspec.Struct, frozen=True, kw_only=True):
    """Who has this emoji on a message: of more than a hundred, as many are named."""

    emoji: str
    count: int
    users: list[User]


class ReactionsAck(Ack, frozen=True, kw_only=True):
    """In the order in which they came."""

    reactions: list[ReactedUsers]


class ReactionsRequest(RoomRequest, frozen=True, kw_only=True):
    """Who has reacted to this message?"""

    event: ClassVar[str] = "reactions"
    ack: ClassVar[type[Ack]] = ReactionsAck

    target: Target


class Named(Protocol):
    """Who has an emoji on a message: ``users`` are ids with names."""

    emoji: str
    count: int
    users: list[tuple[str, str]]


def reaction_of(request: ReactRequest, user_id: str, name: str, member: Member | None = None) -> Reaction:
    return Reaction(
        user_id=user_id,
        name=name,
        target=request.target.as_id(),
        emoji=request.emoji,
        on=request.on,
        member=member,
    )


def react_ack(seq: int | None) -> ReactAck:
    """``seq`` is None where nothing has changed."""
    return ReactAck(seq=UNSET if seq is None else seq)


def reactions_ack(found: Iterable[Named]) -> ReactionsAck:
    return ReactionsAck(
        reactions=[
            ReactedUsers(
                emoji=each.emoji,
                count=each.count,
                users=[User(id=user_id, name=name) for user_id, name in each.users],
            )
            for each in found
        ]
    )


def parse_reaction(room: str, seq: int, message_id: str | None, emoji: str, *, on: bool) -> ReactRequest:
    """As a path and a query say it."""
    return ReactRequest(room=room, target=target_of(seq, message_id), emoji=emoji, on=on)


def parse_reactions(room: str, seq: int, message_id: str | None) -> ReactionsRequest:
    return ReactionsRequest(room=room, target=target_of(seq, message_id))


_PATH = "/api/rooms/{room}/messages/{seq}/reactions"

WORDS = Words(
    requests=(ReactRequest, ReactionsRequest),
    routes=(
        *(
            Route(
                method=method,
                path=_PATH + "/{emoji}",
                summary=summary,
                answer=ReactAck,
                needs_token=True,
                request=ReactRequest,
                query=("id",),
                refuses=(400, 401, 403, 404, 409, 429, 503),
            )
            for method, summary in (
                ("PUT", "Set a reaction of one's own."),
                ("DELETE", "Take a reaction of one's own back."),
            )
        ),
        Route(
            method="GET",
            path=_PATH,
            summary="Who has reacted to a message.",
            answer=ReactionsAck,
            needs_token=True,
            request=ReactionsRequest,
            query=("id",),
            refuses=(400, 401, 404, 429, 503),
        ),
    ),
)
