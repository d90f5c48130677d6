"""The original system's endpoint: `GET /api/chat/<room_id>?userId=…&username=…`.

A client written for the original works here unchanged: one WebSocket is one person in one
room. Its messages have no ids and get no acks, so the gateway is their outbox: it names each,
keeps their order with one under way at a time, and asks again while the room cannot answer.
"""

from __future__ import annotations

import functools
import logging
import secrets
from collections import deque
from typing import Any

from chatapp import protocol
from chatapp.errors import ChatError, Internal, RoomBusy
from chatapp.gateway.delivery.connections import Connection, Connections
from chatapp.gateway.delivery.recipients import PlainRecipient
from chatapp.gateway.talk.aspect import TalkContext
from chatapp.gateway.talk.eviction import evict_silent
from chatapp.gateway.talk.messages import Messages
from chatapp.gateway.talk.pings import Pings
from chatapp.gateway.wire import frames
from chatapp.gateway.wire.plain import PlainSocket
from chatapp.limits.held import HeldBytes
from chatapp.rooms.commands import Join
from chatapp.rooms.joining import Joined
from chatapp.rooms.messages.aspect import Posted
from chatapp.runtime import HubScheduler

OUTBOX_LIMIT = 100
RETRY_SECONDS = 0.5
GIVE_UP_SECONDS = 10

logger = logging.getLogger(__name__)


class OriginalDialect:
    """Holds such sessions, each from the request that opens it to the end of its WebSocket."""

    def __init__(
        self,
        *,
        connections: Connections,
        context: TalkContext,
        held: HeldBytes,
        scheduler: HubScheduler,
        site: str = "",
    ) -> None:
        """``site`` is the address that people open, if one is known."""
        self.site = site
        self._connections = connections
        self._context = context
        self._messages = Messages(context)
        self._pings = Pings(context)
        self._joined_rooms = context.joined_rooms
        self._rates = context.rates
        self._held = held
        self._scheduler = scheduler

    def serve(self, environ: dict[str, Any], *, room_id: str, user_id: str, name: str, address: str) -> None:
        """Take the connection over, and talk until it ends. Raises ``TooManyConnections`` before that."""
        self._count(user_id, address)
        socket = PlainSocket(environ, self._scheduler)
        socket.count_as_held(self._held, address)
        connection = Connection(
            user_id=user_id,
            name=name,
            device="ws-" + secrets.token_hex(8),
            address=address,
            recipient=PlainRecipient(socket),
        )
        connection.lingers = False
        self._connections.add(connection)
        session = PlainSession(self, connection, socket, room_id)
        socket.on_text, socket.on_end = session.hear, functools.partial(self._let_go, connection)
        session.begin()

    def _count(self, user_id: str, address: str) -> None:
        self._rates.check_transport(address)
        evict_silent(user_id, self._connections, self._rates)
        self._rates.open_connection(user_id)
        self._rates.open_transport(address)

    def _let_go(self, connection: Connection) -> None:
        self._connections.remove(connection)
        self._joined_rooms.leave_all(connection, on_purpose=False)
        if connection.is_counted:
            self._rates.close_connection(connection.user_id)
        self._rates.close_transport(connection.address)

    def join(self, session: PlainSession) -> None:
        join = Join(
            room_id=session.room_id,
            member=session.connection.member(self._context.router.node_id),
            limit=self._context.history_limit,
            may_create=False,
        )
        try:
            self._joined_rooms.check_join(session.connection, session.room_id)
            self._joined_rooms.join(session.connection, join, session.joined)
        except ChatError as refusal:
            session.joined(refusal)

    def allow(self, connection: Connection) -> None:
        self._rates.check_event(connection.id)

    def post(self, session: PlainSession, message: Message) -> None:
        try:
            if not message.is_retry:
                self._messages.check(session.connection, session.room_id, message.client_id, message.content)
            self._messages.post(
                session.connection,
                room_id=session.room_id,
                client_id=message.client_id,
                content=message.content,
                is_retry=message.is_retry,
                answer=session.posted,
            )
        except ChatError as refusal:
            session.posted(refusal)

    def count_ping(self, connection: Connection) -> None:
        self._pings.count(connection)

    def elapsed(self) -> float:
        return self._scheduler.elapsed()

    def later(self, callback: Any) -> None:
        self._scheduler.call_later(RETRY_SECONDS, callback)


class Message:
    __slots__ = ("client_id", "content", "give_up_at", "is_retry")

    def __init__(self, content: str, give_up_at: float) -> None:
        self.client_id = "ws-" + secrets.token_hex(12)
        self.content = content
        self.give_up_at = give_up_at
        self.is_retry = False


class PlainSession:
    """One socket in its one room, from its join to its end."""

    def __init__(
        self, dialect: OriginalDialect, connection: Connection, socket: PlainSocket, room_id: str
    ) -> None:
        self.connection = connection
        self.room_id = room_id
        self._dialect = dialect
        self._socket = socket
        self._outbox: deque[Message] = deque()
        self._is_waiting = True  # for the join, then for the first message of the outbox

    def begin(self) -> None:
        self._dialect.join(self)

    def joined(self, result: Joined | ChatError) -> None:
        if isinstance(result, ChatError):
            self._refuse(result)
            self._socket.close(frames.TRY_AGAIN_LATER if result.retryable else frames.POLICY)
            return
        try:
            self._greet(result)
        except Exception:
            logger.exception("a bug while greeting somebody")
            self._socket.close(frames.INTERNAL_ERROR)  # without a greeting its client waits for ever
            return
        self._send_next()

    def _greet(self, joined: Joined) -> None:
        for frame in protocol.encode_plain_greeting(joined, self._dialect.site):
            self._socket.send(frame)

    def hear(self, text: str) -> None:
        try:
            self._dialect.allow(self.connection)
            if text == protocol.PING:
                self._pong()
                return
            request = protocol.parse_plain(text)
            if len(self._outbox) >= OUTBOX_LIMIT:
                raise RoomBusy
        except ChatError as refusal:
            self._refuse(refusal)
        except Exception:
            logger.exception("a bug while hearing a frame")
            self._refuse(Internal())
        else:
            self._outbox.append(Message(request.content, self._dialect.elapsed() + GIVE_UP_SECONDS))
            if not self._is_waiting:
                self._send_next()

    def _pong(self) -> None:
        self._socket.send(protocol.PONG)
        self._dialect.count_ping(self.connection)

    def _send_next(self) -> None:
        self._is_waiting = bool(self._outbox) and self.connection.is_open
        if self._is_waiting:
            self._dialect.post(self, self._outbox[0])

    def posted(self, result: Posted | ChatError) -> None:
        message = self._outbox[0]
        # Too fast is the sender's to mend; what the room could not answer is ours.
        may_retry = isinstance(result, ChatError) and result.retryable and result.code != "rate_limited"
        if may_retry and self._dialect.elapsed() < message.give_up_at:
            message.is_retry = True
            self._dialect.later(self._send_next)
            return
        self._outbox.popleft()
        if isinstance(result, ChatError):
            self._refuse(result)
        self._send_next()

    def _refuse(self, refusal: ChatError) -> None:
        self._socket.send(protocol.encode_plain_error(refusal))
