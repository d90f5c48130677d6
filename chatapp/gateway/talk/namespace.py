"""The Socket.IO namespace `/chat`: who is let in, and where what they say goes.

A stranger is refused before anything is stored or told. Only `connect` and `disconnect` come
through the namespace's own triggers, and only `connect` may wait for the database; every other
event comes by the packet dispatch, in receive order, past request contexts and greenlets.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from flask_socketio import Namespace
from socketio.exceptions import ConnectionRefusedError as ConnectRefused

from chatapp.errors import ChatError, Draining, Internal
from chatapp.gateway.delivery.connections import Connection, Connections
from chatapp.gateway.delivery.recipients import SocketIoRecipient
from chatapp.gateway.talk.conversation import Conversation
from chatapp.gateway.talk.credentials import credentials
from chatapp.gateway.talk.eviction import evict_silent
from chatapp.gateway.talk.joined_rooms import JoinedRooms
from chatapp.gateway.wire.engine import Engine
from chatapp.gateway.wire.packet_dispatch import Ack
from chatapp.identity import People, SignInCookie
from chatapp.kernel.ports import Clock
from chatapp.kernel.router import Router
from chatapp.limits.rates import Rates
from chatapp.metrics import Metrics
from chatapp.protocol import (
    Hello,
    Resync,
    User,
    connect_refusal,
    encode_hello,
    encode_resync,
    new_ref,
    refusal,
)
from chatapp.runtime import HubScheduler

NAMESPACE = "/chat"
RENEW_AFTER_MS = 3_600_000

logger = logging.getLogger(__name__)


class ChatNamespace(Namespace):
    """Also the ``EventHandler`` of the packet dispatch."""

    def __init__(  # noqa: PLR0913 - its parts, by name; the factory is the only caller
        self,
        *,
        engine: Engine,
        connections: Connections,
        conversation: Conversation,
        joined_rooms: JoinedRooms,
        people: People,
        rates: Rates,
        router: Router,
        clock: Clock,
        scheduler: HubScheduler,
        metrics: Metrics,
        build: str,
        address_of: Callable[[dict[str, Any]], str],
        cookie: SignInCookie,
        features: tuple[str, ...],
    ) -> None:
        super().__init__(NAMESPACE)
        self._engine = engine
        self._connections = connections
        self._conversation = conversation
        self._joined_rooms = joined_rooms
        self._people = people
        self._rates = rates
        self._router = router
        self._clock = clock
        self._scheduler = scheduler
        self._metrics = metrics
        self._build = build
        self._address_of = address_of
        self._cookie = cookie
        self._features = features
        self._here: dict[str, Connection] = {}  # by Engine.IO id

    # --- coming and going ---------------------------------------------------------------------

    def trigger_event(self, event: str, *args: Any) -> object:
        """Called by python-socketio for a genuine connect or disconnect, and for nothing else.

        A client's own events of these names never arrive here: the packet dispatch has them refused.
        """
        if event == "connect":
            sid, environ, *auth = args
            return self._let_in(sid, environ, auth[0] if auth else None)
        if event == "disconnect":
            self._let_go(args[0])
        return None

    def _let_in(self, sid: str, environ: dict[str, Any], auth: Any) -> bool:
        try:
            self._admit(sid, environ, auth)
        except ChatError as error:
            self._metrics.refused(error.code)
            raise _refused(error) from None
        except Exception:
            logger.exception("a bug while letting somebody in")
            self._metrics.refused(Internal.code)
            raise _refused(Internal()) from None
        return True

    def _admit(self, sid: str, environ: dict[str, Any], auth: Any) -> None:
        if self._router.is_draining:
            raise Draining
        shown = credentials(auth, environ, self._cookie)
        eio_sid = self._engine.listeners.eio_sid_from_sid(sid, NAMESPACE)
        connection = Connection(
            user_id=self._people.user_id_of(shown.token),
            name="",
            device=shown.device,
            address=self._address_of(environ),
            recipient=SocketIoRecipient(self._engine, eio_sid=eio_sid, sid=sid),
        )
        evict_silent(connection.user_id, self._connections, self._rates)
        self._rates.open_connection(connection.user_id)
        self._here[eio_sid] = connection
        self._connections.add(connection)  # before it is checked: a sign-out meanwhile finds it
        try:
            guest = self._people.verify(shown.token)
        except BaseException:
            self._forget(connection, eio_sid)
            raise
        connection.name, connection.expires_at = guest.name, guest.expires_at
        connection.renew_at = self._clock.now_ms() + RENEW_AFTER_MS
        # Not now: it must follow the packet that says the connection is accepted.
        self._scheduler.call_soon(self._greet, connection)

    def _greet(self, connection: Connection) -> None:
        hello = Hello(
            build=self._build,
            server_time=self._clock.now_ms(),
            connection=connection.id,
            user=User(id=connection.user_id, name=connection.name),
            device=connection.device,
            features=self._features,
        )
        assert isinstance(connection.recipient, SocketIoRecipient)
        connection.recipient.send(encode_hello(hello))

    def _let_go(self, sid: str) -> None:
        eio_sid = self._engine.listeners.eio_sid_from_sid(sid, NAMESPACE)
        connection = self._here.get(eio_sid)
        if connection is not None:
            self._forget(connection, eio_sid)

    def _forget(self, connection: Connection, eio_sid: str) -> None:
        if self._here.pop(eio_sid, None) is not None:
            self._connections.remove(connection)
            if connection.is_counted:
                self._rates.close_connection(connection.user_id)
            self._joined_rooms.leave_all(connection, on_purpose=False)

    # --- the EventHandler -----------------------------------------------------------------------

    def check(self, eio_sid: str) -> None:
        self._rates.check_event(eio_sid)

    def handle(self, eio_sid: str, sid: str, name: object, args: list[Any], ack: Ack | None) -> None:
        connection = self._here.get(eio_sid)
        if connection is not None:
            self._conversation.hear(connection, name, args, lambda answer: self._answer(ack, answer))

    def refuse(self, eio_sid: str, error: ChatError, ack: Ack | None) -> None:
        self._answer(ack, error)

    def on_caught_up(self, eio_sid: str) -> None:
        """It lost broadcasts while it lagged: tell it, once, to join its rooms again."""
        connection = self._here.get(eio_sid)
        if connection is None:
            return
        for room_id in connection.rooms:
            send_resync(connection, room_id, "lagging", self._joined_rooms.head(room_id))

    def _answer(self, ack: Ack | None, answer: object) -> None:
        if isinstance(answer, ChatError):
            self._metrics.refused(answer.code)
            ref = new_ref()
            logger.debug("refused: %s, ref %s", answer.code, ref)
            answer = refusal(answer, ref)
        if ack is not None:
            ack(answer)


def send_resync(connection: Connection, room_id: str, reason: Any, head: int) -> None:
    if isinstance(connection.recipient, SocketIoRecipient):
        connection.recipient.send(encode_resync(Resync(room=room_id, reason=reason, head=head)))


def _refused(error: ChatError) -> ConnectRefused:
    return ConnectRefused(error.message, connect_refusal(error))
