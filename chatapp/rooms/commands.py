"""Everything that can be said to a room.

A command is a value. Who says it comes from the connection, never from what was sent.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec


class Member(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One connection of a person: where a command comes from and where deliveries go.

    ``device`` names the client's place (a tab, a phone) over its reconnects. ``lingers`` says
    that a lost connection keeps its person present for the grace period; connections of the
    plain WebSocket dialect do not linger.
    """

    user_id: str
    name: str
    device: str
    connection_id: str
    node_id: str
    lingers: bool = True


class Cursor(msgspec.Struct, frozen=True, kw_only=True):
    """The last event a client has seen: the log's identity, and its place in it."""

    stream_id: str
    seq: int


class Command(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    room_id: str

    @property
    def creates(self) -> bool:
        """True if a room that does not exist yet comes into being by this command."""
        return False

    def repeated(self) -> Command:
        """The same, said again: the room has perhaps heard it already."""
        return self


class Join(Command, frozen=True, kw_only=True):
    """Enter the room, anew or again, and receive what was missed.

    ``attachment`` is JSON text that replaces the session's attachment; None keeps it.
    """

    member: Member
    since: Cursor | None = None
    limit: int = 100
    attachment: str | None = None
    may_create: bool = True

    @property
    def creates(self) -> bool:
        return self.may_create


class Leave(Command, frozen=True, kw_only=True):
    """Go, at once and on purpose."""

    member: Member


class Disconnect(Command, frozen=True, kw_only=True):
    """The connection was lost; the person may be back within the grace period."""

    member: Member


class SignOut(Command, frozen=True, kw_only=True):
    """The person has signed out: all their sessions end, also those in their grace period."""

    user_id: str


class PostMessage(Command, frozen=True, kw_only=True, gc=False):
    """Say something. ``member`` is None for a send without a socket, which needs no session.

    ``is_retry`` says that the client has sent this ``client_id`` before.
    """

    author_id: str
    author_name: str
    client_id: str
    content: str
    is_retry: bool = False
    member: Member | None = None
    may_create: bool = True

    @property
    def creates(self) -> bool:
        return self.may_create

    def repeated(self) -> PostMessage:
        return msgspec.structs.replace(self, is_retry=True)


class SetTyping(Command, frozen=True, kw_only=True):
    member: Member
    is_typing: bool


class MarkRead(Command, frozen=True, kw_only=True):
    member: Member
    seq: int


class Attach(Command, frozen=True, kw_only=True):
    """Change the session's attachment.

    ``value`` is JSON text; ``is_merge`` sets the given keys of an object and keeps the others
    (a key set to null is removed: RFC 7396, one level deep). ``version`` is the one it was
    read at, None to write regardless.
    """

    member: Member
    value: str
    is_merge: bool = False
    version: int | None = None


class GetPresence(Command, frozen=True, kw_only=True):
    member: Member


class SyncSessions(Command, frozen=True, kw_only=True, tag="TakeRoll"):  # the version before calls it so
    """A session snapshot: all connections of one node in the room; what the room had for that node is void.

    ``number`` rises with each snapshot of a node. ``joining`` are connections that are about to come, or
    to go: of those the snapshot says nothing. ``presence`` is the version that all of them have heard, None
    if that is not known; ``may_lack_presence`` says that a later one may have been lost.
    """

    node_id: str
    number: int
    members: Sequence[Member]
    joining: Sequence[str] = ()
    presence: tuple[int, int] | None = None
    may_lack_presence: bool = False


class Tick(Command, frozen=True, kw_only=True):
    """Time has passed: the kernel says this when a room's deadline is due.

    ``is_last`` says that the node is about to stop: store now what was kept back.
    """

    is_last: bool = False


# --- who is in a batch --------------------------------------------------------------------


def newcomers(batch: Sequence[Any]) -> Iterator[Member]:
    for command in batch:
        if isinstance(command, Join):
            yield command.member
        elif isinstance(command, SyncSessions):
            yield from command.members


def named(batch: Sequence[Any]) -> Iterator[tuple[str, str]]:
    """Who (user id, name) is about to come, or to speak under a name that no door has checked."""
    for command in batch:
        if isinstance(command, PostMessage):
            if command.member is None:
                yield command.author_id, command.author_name
        elif isinstance(command, Join):
            yield command.member.user_id, command.member.name
