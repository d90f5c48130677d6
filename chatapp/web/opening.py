"""What a room's page brings with it, so that whoever is known here sees the room's newest messages with the
first answer of the server: who they are, the newest page of history, how far they have read.

It is a gift and never a condition. Where there is no sign-in, no rate left, or no answer from the
storage within a moment, the page comes without, and asks by itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from chatapp.errors import ChatError, RoomNotFound
from chatapp.identity import Guest, People
from chatapp.limits import JOIN_EVENTS
from chatapp.limits.rates import Rates
from chatapp.protocol import User
from chatapp.protocol.rest import PageOpening, RoomOpening
from chatapp.runtime import Promise, spawn
from chatapp.web.rooms import Archive

WAIT_SECONDS = 0.5


@dataclass(frozen=True, kw_only=True)
class Openings:
    people: People
    archive: Archive
    rates: Rates
    now_ms: Callable[[], int]

    def opening(self, token: str, room_id: str) -> PageOpening | None:
        """Blocks the greenlet, not longer than ``WAIT_SECONDS``."""
        promise: Promise[PageOpening] = Promise()

        def find() -> None:
            try:
                promise.resolve(self._find(token, room_id))
            except ChatError as refusal:
                promise.resolve(refusal)

        spawn(find)
        try:
            return promise.wait(WAIT_SECONDS)
        except (ChatError, TimeoutError):
            return None

    def _find(self, token: str, room_id: str) -> PageOpening:
        self.rates.check_event(f"http:{self.people.user_id_of(token)}")
        guest = self.people.verify(token)
        return PageOpening(
            user=User(id=guest.user_id, name=guest.name),
            server_time=self.now_ms(),
            room=self._room(guest, room_id),
        )

    def _room(self, guest: Guest, room_id: str) -> RoomOpening | None:
        promise: Promise[RoomOpening] = Promise()
        self.archive.opening(room_id, guest.user_id, limit=JOIN_EVENTS, done=promise.resolve)
        try:
            return promise.wait()
        except RoomNotFound:
            return None
