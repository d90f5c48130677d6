"""What a page brings with it, so that whoever is known here sees what they came for with the first answer of
the server: who they are, and the room's newest page of history with how far they have read, or all the rooms
that they were in. Whoever is asked for a name first is told who is in the room.

It is a gift and never a condition. Where there is no sign-in, no rate left, or no answer from the
storage within a moment, the page comes without, and asks by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from chatapp.access import Access, RoomOf
from chatapp.errors import ChatError, RoomNotFound, TokenExpired, Unauthorized
from chatapp.identity import Guest, People
from chatapp.limits import JOIN_EVENTS
from chatapp.limits.rates import Rates
from chatapp.protocol import User
from chatapp.protocol.rest import PageOpening, PeopleHere, RoomOpening
from chatapp.runtime import Promise, spawn
from chatapp.web.credentials import guest_of

WAIT_SECONDS = 0.5
NAMED = 3  # more names nobody reads in a dialog

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Returning:
    """Who comes back to the landing page."""

    name: str
    rooms: Sequence[RoomOf]


@dataclass(frozen=True, kw_only=True)
class Openings:
    """Each blocks its greenlet, not longer than ``WAIT_SECONDS``."""

    people: People
    access: Access
    rates: Rates
    now_ms: Callable[[], int]
    address_of: Callable[[Mapping[str, Any]], str]

    def opening(
        self, token: str | None, room_id: str, environ: Mapping[str, Any]
    ) -> PageOpening | PeopleHere | None:
        """By the token of a browser's cookie, if it has shown one."""
        return _within_a_moment(partial(self._opening, token, room_id, self.address_of(environ)))

    def returning(self, token: str) -> Returning | None:
        return _within_a_moment(partial(self._returning, token))

    def _returning(self, token: str) -> Returning:
        guest = guest_of(token, self.people, self.rates)
        promise: Promise[Sequence[RoomOf]] = Promise()
        self.access.visited(guest.user_id, done=promise.resolve)
        return Returning(name=guest.name, rooms=promise.wait())

    def _opening(self, token: str | None, room_id: str, address: str) -> PageOpening | PeopleHere:
        try:
            if token is None:
                raise Unauthorized
            guest = guest_of(token, self.people, self.rates)
        except (Unauthorized, TokenExpired):
            return self._people_here(room_id, address)
        self.rates.check_look(user_id=guest.user_id, ip=address)
        room = self._room(guest, room_id)
        return PageOpening(
            user=User(id=guest.user_id, name=guest.name),
            server_time=self.now_ms(),
            room=room,
            namesake=self._namesake(room_id) if room is None or room.history.head == 0 else None,
        )

    def _people_here(self, room_id: str, address: str) -> PeopleHere:
        """Nothing that they could not see a moment later: who has the link may come in."""
        self.rates.check_glance(address)
        promise: Promise[PeopleHere] = Promise()
        self.access.people(room_id, named=NAMED, done=promise.resolve)
        return promise.wait()

    def _namesake(self, room_id: str) -> str | None:
        """The room of this name in small letters, if there is one: phones begin a word with a large one."""
        small = room_id.lower()
        if small == room_id:
            return None
        promise: Promise[Mapping[str, int]] = Promise()
        self.access.heads([small], done=promise.resolve)
        return small if small in promise.wait() else None

    def _room(self, guest: Guest, room_id: str) -> RoomOpening | None:
        promise: Promise[RoomOpening] = Promise()
        self.access.opening(room_id, guest.user_id, limit=JOIN_EVENTS, done=promise.resolve)
        try:
            return promise.wait()
        except RoomNotFound:
            return None


def _within_a_moment(find: Callable[[], T]) -> T | None:
    promise: Promise[T] = Promise()

    def look() -> None:
        try:
            promise.resolve(find())
        except ChatError as refusal:
            promise.resolve(refusal)

    spawn(look)
    try:
        return promise.wait(WAIT_SECONDS)
    except (ChatError, TimeoutError):
        return None
