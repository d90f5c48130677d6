"""Forced disconnects, which the server decides: sign-outs, ended sign-ins, a node that stops or was replaced.

A Socket.IO client hears `bye`, with the time after which to come back, different for each, so
that they do not all come at once; then its transport is closed.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from chatapp.errors import ChatError, TokenExpired, Unauthorized
from chatapp.gateway.delivery.connections import Connection, Connections
from chatapp.gateway.talk.joined_rooms import JoinedRooms
from chatapp.gateway.talk.namespace import RENEW_AFTER_MS, send_resync
from chatapp.kernel.ports import Clock
from chatapp.protocol import Bye
from chatapp.runtime import HubScheduler, spawn

PresentIn = Callable[[Sequence[str], Callable[[Any], None]], None]
"""Reads in which rooms these people have sessions: (room id, user id) each, or an exception."""

EXPIRY_CHECK_SECONDS = 30
COME_BACK_WITHIN_MS = 2_000
RESYNC_WITHIN_SECONDS = 2.0


class ForcedDisconnects:
    def __init__(
        self,
        *,
        connections: Connections,
        joined_rooms: JoinedRooms,
        clock: Clock,
        scheduler: HubScheduler,
        renew: Callable[[str], int],
        present_in: PresentIn,
    ) -> None:
        """``renew`` says until when (ms) a connected user id stays signed in; it may wait, and refuse."""
        self._connections = connections
        self._joined_rooms = joined_rooms
        self._clock = clock
        self._scheduler = scheduler
        self._renew = renew
        self._present_in = present_in

    def start(self) -> None:
        self._scheduler.call_later(EXPIRY_CHECK_SECONDS, self._look)

    def signed_out(self, user_ids: Sequence[str]) -> None:
        """Close every connection of these people; their sessions end at once.

        Also those that have lost their connection and are within its grace, which only the table
        knows. Heartbeats say this again for a while, so what could not be read or told is not lost,
        and a room that has heard it is not told again.
        """
        for user_id in user_ids:
            for connection in self._connections.of_user(user_id):
                self._end(connection, Bye(code="unauthorized", retry=False, after_ms=0))
        self._present_in(user_ids, self._end_sessions)

    def _end_sessions(self, found: Iterable[tuple[str, str]] | BaseException) -> None:
        if isinstance(found, BaseException):
            return
        for room_id, user_id in found:
            self._joined_rooms.sign_out(room_id, user_id)

    def drain(self) -> None:
        """Send everybody away, to come back to whoever answers then."""
        for connection in self._connections:
            after_ms = random.randrange(COME_BACK_WITHIN_MS)
            connection.recipient.bye(Bye(code="draining", retry=True, after_ms=after_ms))

    def owner_moved(self) -> None:
        """This node was declared dead: whatever its rooms said meanwhile may have gone past its clients."""
        for connection in self._connections:
            delay = random.uniform(0, RESYNC_WITHIN_SECONDS)
            self._scheduler.call_later(delay, self._resync, connection)

    def _resync(self, connection: Connection) -> None:
        for room_id in connection.rooms:
            send_resync(connection, room_id, "owner_moved", self._joined_rooms.head(room_id))

    def _look(self) -> None:
        """Whose sign-in has run out, or was not looked at for an hour? To be connected is to use it."""
        self._scheduler.call_later(EXPIRY_CHECK_SECONDS, self._look)
        now_ms = self._clock.now_ms()
        for connection in self._connections:
            if connection.expires_at is None or connection.renew_at is None:
                continue
            if min(connection.expires_at, connection.renew_at) <= now_ms:
                connection.renew_at = now_ms + RENEW_AFTER_MS
                spawn(self._renew_or_end, connection)

    def _renew_or_end(self, connection: Connection) -> None:
        try:
            connection.expires_at = self._renew(connection.user_id)
        except (Unauthorized, TokenExpired) as refusal:
            if connection.is_open:
                self._end(connection, Bye(code=refusal.code, retry=False, after_ms=0))
        except ChatError:
            connection.renew_at = self._clock.now_ms()  # nobody knows now: the next look asks again

    def _end(self, connection: Connection, bye: Bye) -> None:
        self._joined_rooms.leave_all(connection, on_purpose=True)
        connection.recipient.bye(bye)
