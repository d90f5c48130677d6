"""Connections: who is connected to this node, whichever dialect they speak.

A connection knows its person from the handshake on; nothing it sends can change that. It is
entered under its person before the sign-in is checked, so that a sign-out in between finds it.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Protocol

from chatapp.protocol.connection import Bye
from chatapp.rooms.commands import Member


class Recipient(Protocol):
    """Who is written to: a Socket.IO session or a plain WebSocket."""

    def bye(self, bye: Bye) -> None:
        """Say goodbye if the dialect has a word for it, and close."""
        ...

    @property
    def unanswered_seconds(self) -> float:
        """For how long a ping has been without an answer; 0 when none is."""
        ...

    def ask(self) -> None:
        """Send a ping now, unless one is under way."""
        ...

    def cut(self) -> None:
        """End it without a word: nobody is there."""
        ...


class Connection:
    __slots__ = (
        "address",
        "device",
        "expires_at",
        "id",
        "is_counted",
        "is_open",
        "lingers",
        "name",
        "recipient",
        "renew_at",
        "rooms",
        "user_id",
    )

    def __init__(self, *, user_id: str, name: str, device: str, address: str, recipient: Recipient) -> None:
        self.id = "c_" + secrets.token_hex(8)
        self.user_id = user_id
        self.name = name
        self.device = device
        self.address = address  # what counts as one address for the limits
        self.recipient = recipient
        self.lingers = True
        # Of the sign-in, in ms: when it expires, and when to ask again. None: there is no sign-in.
        self.expires_at: int | None = None
        self.renew_at: int | None = None
        self.is_open = True
        self.is_counted = True  # among the connections of its person
        self.rooms: dict[str, Member] = {}  # joined, or about to be

    def member(self, node_id: str) -> Member:
        return Member(
            user_id=self.user_id,
            name=self.name,
            device=self.device,
            connection_id=self.id,
            node_id=node_id,
            lingers=self.lingers,
        )


class Connections:
    def __init__(self) -> None:
        self._by_id: dict[str, Connection] = {}
        self._by_user: dict[str, dict[str, Connection]] = {}

    def __len__(self) -> int:
        return len(self._by_id)

    def __iter__(self) -> Iterator[Connection]:
        return iter(list(self._by_id.values()))

    def add(self, connection: Connection) -> None:
        self._by_id[connection.id] = connection
        self._by_user.setdefault(connection.user_id, {})[connection.id] = connection

    def remove(self, connection: Connection) -> None:
        self._by_id.pop(connection.id, None)
        mine = self._by_user.get(connection.user_id, {})
        mine.pop(connection.id, None)
        if not mine:
            self._by_user.pop(connection.user_id, None)

    def get(self, connection_id: str) -> Connection | None:
        return self._by_id.get(connection_id)

    def of_user(self, user_id: str) -> list[Connection]:
        return list(self._by_user.get(user_id, {}).values())

    def rename(self, user_id: str, name: str) -> None:
        """The new name counts from the person's next join on."""
        for connection in self.of_user(user_id):
            connection.name = name
