"""What the routes of ``/api/rooms`` stand on: who asks, what it may cost, and the room's answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import request

from chatapp.access import Access
from chatapp.errors import OwnerUnavailable, UploadsOff
from chatapp.identity import Guest, People, Proxies, SignInCookie
from chatapp.kernel.ports import Reply
from chatapp.limits import weights
from chatapp.limits.rates import Rates
from chatapp.rooms.commands import Command
from chatapp.runtime import Promise
from chatapp.web.credentials import visitor_of

ANSWER_SECONDS = 6.0  # nginx takes a node for frozen after eight

Send = Callable[[Command, Reply], None]
"""Hands a command to its room; the reply comes later, at most once."""


@dataclass(frozen=True, kw_only=True)
class RoomsApi:
    people: People
    send: Send
    access: Access
    rates: Rates
    proxies: Proxies
    cookie: SignInCookie
    has_uploads: bool

    def visitor(self) -> Guest:
        return visitor_of(self.people, self.rates, self.cookie)

    def address(self) -> str:
        return self.proxies.address_of(request.environ)

    def ask(self, command: Command) -> Any:
        """The room's answer; a refusal is raised."""
        return wait_for(lambda done: self.send(command, done))

    def check_uploads(self, uploads: Sequence[str] | None) -> None:
        """Raises ``UploadsOff`` for a request with files where there are none."""
        if uploads and not self.has_uploads:
            raise UploadsOff(field="uploads")

    def check_message(
        self,
        guest: Guest,
        room_id: str,
        client_id: str,
        content: str,
        *,
        files: int = 0,
        called: int = 0,
    ) -> None:
        """Nobody is in a room over HTTP: what they say there has a rate of its own."""
        weight = weights.of_message(
            room_id=room_id,
            user_id=guest.user_id,
            name=guest.name,
            client_id=client_id,
            content=content,
            files=files,
            called=called,
        )
        self.rates.check_message(
            user_id=guest.user_id, ip=self.address(), room_id=room_id, weight=weight, is_inside=False
        )

    def check_reaction(self, guest: Guest, room_id: str, emoji: str) -> None:
        weight = weights.of_reaction(room_id=room_id, user_id=guest.user_id, name=guest.name, emoji=emoji)
        self.rates.check_reaction(
            user_id=guest.user_id, ip=self.address(), room_id=room_id, weight=weight, is_inside=False
        )


def wait_for(ask: Callable[[Callable[[Any], None]], None]) -> Any:
    """Block the greenlet until the answer is there; a refusal is raised."""
    promise: Promise[Any] = Promise()
    ask(promise.resolve)
    try:
        return promise.wait(ANSWER_SECONDS)
    except TimeoutError:
        raise OwnerUnavailable from None
