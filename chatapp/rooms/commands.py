"""What commands have in common, and the two that belong to no aspect alone.

A command is a value. Who says it comes from the connection, never from what was sent. Each of the others
stands beside the aspect that handles it.
"""

from __future__ import annotations

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


class Authored(Command, frozen=True, kw_only=True, gc=False):
    """What somebody says into the log, which stores it once however often it is said.

    ``client_id`` is its author's own name for it; ``is_retry`` says that it was sent before. ``member`` is
    None for what is said without a socket, which needs no session.
    """

    author_id: str
    client_id: str
    is_retry: bool = False
    member: Member | None = None

    def repeated(self) -> Authored:
        return msgspec.structs.replace(self, is_retry=True)


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


class Tick(Command, frozen=True, kw_only=True):
    """Time has passed: the kernel says this when a room's deadline is due.

    ``is_last`` says that the node is about to stop: store now what was kept back.
    """

    is_last: bool = False
