"""Departures that the server decides: sign-outs, ended sign-ins, a node that stops or was replaced.

A Socket.IO client hears `bye`, with the time after which to come back, different for each, so
that they do not all come at once; then its transport is closed.
"""

from __future__ import annotations

import random
from collections.abc import Iterable

from chatapp.gateway.connections import Connection, Connections
from chatapp.gateway.namespace import send_resync
from chatapp.gateway.stays import Stays
from chatapp.kernel.ports import Clock
from chatapp.protocol import Bye
from chatapp.runtime import HubScheduler

EXPIRY_CHECK_SECONDS = 30
COME_BACK_WITHIN_MS = 2_000
RESYNC_WITHIN_SECONDS = 2.0


class Departures:
    def __init__(
        self,
        *,
        connections: Connections,
        stays: Stays,
        clock: Clock,
        scheduler: HubScheduler,
    ) -> None:
        self._connections = connections
        self._stays = stays
        self._clock = clock
        self._scheduler = scheduler

    def start(self) -> None:
        self._scheduler.call_later(EXPIRY_CHECK_SECONDS, self._end_expired)

    def signed_out(self, user_ids: Iterable[str]) -> None:
        """Close every connection of these people; their sessions end at once."""
        for user_id in user_ids:
            for connection in self._connections.of_user(user_id):
                self._end(connection, Bye(code="unauthorized", retry=False, after_ms=0))

    def drain(self) -> None:
        """Send everybody away, to come back to whoever answers then."""
        for connection in self._connections:
            after_ms = random.randrange(COME_BACK_WITHIN_MS)
            connection.line.bye(Bye(code="draining", retry=True, after_ms=after_ms))

    def owner_moved(self) -> None:
        """This node was declared dead: whatever its rooms said meanwhile may have gone past its clients."""
        for connection in self._connections:
            delay = random.uniform(0, RESYNC_WITHIN_SECONDS)
            self._scheduler.call_later(delay, self._resync, connection)

    def _resync(self, connection: Connection) -> None:
        for room_id in connection.rooms:
            send_resync(connection, room_id, "owner_moved", self._stays.head(room_id))

    def _end_expired(self) -> None:
        self._scheduler.call_later(EXPIRY_CHECK_SECONDS, self._end_expired)
        now_ms = self._clock.now_ms()
        for connection in self._connections:
            if connection.expires_at is not None and connection.expires_at <= now_ms:
                self._end(connection, Bye(code="token_expired", retry=False, after_ms=0))

    def _end(self, connection: Connection, bye: Bye) -> None:
        self._stays.leave_all(connection, on_purpose=True)
        connection.line.bye(bye)
