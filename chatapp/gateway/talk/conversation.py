"""The conversation: what a Socket.IO client may say, and who answers it.

Parse, check the rate, send, answer. What changes a room goes to the room's owner by the
router; what only reads the log goes to ``chatapp.access``, and neither creates nor wakes a room.
Nothing here waits: it runs in receive order, before the next frame of the same client is
looked at, so that a client's own order is the order in the room's mailbox.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from msgspec import UNSET

from chatapp import limits, protocol
from chatapp.access import Access
from chatapp.errors import ChatError, Forbidden, Internal
from chatapp.gateway.delivery.connections import Connection
from chatapp.gateway.talk.joined_rooms import Answer, JoinedRooms
from chatapp.kernel.ports import Clock
from chatapp.kernel.router import Router
from chatapp.limits import weights
from chatapp.limits.rates import Rates
from chatapp.metrics import Metrics
from chatapp.protocol import answers, requests
from chatapp.rooms import commands
from chatapp.rooms.events import Joined, Posted

logger = logging.getLogger(__name__)


class Conversation:
    def __init__(
        self,
        *,
        router: Router,
        joined_rooms: JoinedRooms,
        access: Access,
        rates: Rates,
        clock: Clock,
        metrics: Metrics,
        history_limit: int,
    ) -> None:
        """``history_limit`` is how many events a newcomer gets who does not say how many."""
        self.history_limit = history_limit
        self._metrics = metrics
        self._router = router
        self._joined_rooms = joined_rooms
        self._access = access
        self._rates = rates
        self._clock = clock
        self._handlers: dict[type[requests.Request], Callable[[Connection, Any, Answer], None]] = {
            requests.JoinRequest: self._join,
            requests.LeaveRequest: self._leave,
            requests.MessageRequest: self._message,
            requests.HistoryRequest: self._history,
            requests.LookupRequest: self._lookup,
            requests.PresenceRequest: self._presence,
            requests.TypingRequest: self._typing,
            requests.ReadRequest: self._read,
            requests.AttachRequest: self._attach,
            requests.PingRequest: self._ping,
        }

    def hear(self, connection: Connection, name: object, args: Sequence[object], answer: Answer) -> None:
        """One event of a client; every one is answered, whatever it is."""
        try:
            request = protocol.parse(name, args)
            self._handlers[type(request)](connection, request, answer)
        except ChatError as refusal:
            answer(refusal)
        except Exception:
            logger.exception("a bug while hearing an event")
            answer(Internal())

    def count_ping(self, connection: Connection) -> None:
        """A ping is answered here, whether the connection's rooms are awake or not."""
        if not any(self._router.is_awake(room_id) for room_id in connection.rooms):
            self._metrics.ping_answered_asleep()

    # --- what the room's owner decides --------------------------------------------------------

    def _join(self, connection: Connection, request: requests.JoinRequest, answer: Answer) -> None:
        room_id = request.room
        if room_id not in connection.rooms and len(connection.rooms) >= limits.ROOMS_PER_CONNECTION:
            raise Forbidden(f"A connection has at most {limits.ROOMS_PER_CONNECTION} rooms.", field="room")
        self._joined_rooms.check_join(connection, room_id, request.attachment_text)
        since = request.since

        def ack(joined: Joined) -> answers.JoinAck:
            if since:
                self._metrics.resumed(joined.reason or "recovered")
            return answers.join_ack(joined)

        self._joined_rooms.join(
            connection,
            commands.Join(
                room_id=room_id,
                member=connection.member(self._router.node_id),
                since=commands.Cursor(stream_id=since.stream, seq=since.seq) if since else None,
                limit=self.history_limit if request.limit is UNSET else request.limit,
                attachment=request.attachment_text,
                may_create=False,
            ),
            _through(ack, answer),
        )

    def _leave(self, connection: Connection, request: requests.LeaveRequest, answer: Answer) -> None:
        self._joined_rooms.leave(connection, request.room, _through(lambda _: answers.LeaveAck(), answer))

    def _message(self, connection: Connection, request: requests.MessageRequest, answer: Answer) -> None:
        self.check_message(connection, request.room, request.client_id, request.content)
        self.post(
            connection,
            room_id=request.room,
            client_id=request.client_id,
            content=request.content,
            is_retry=request.retry,
            answer=_through(self._message_ack, answer),
        )

    def _message_ack(self, posted: Posted) -> answers.MessageAck:
        if posted.is_duplicate:
            self._metrics.answered_duplicate()
        return answers.message_ack(posted)

    def post(
        self,
        connection: Connection,
        *,
        room_id: str,
        client_id: str,
        content: str,
        is_retry: bool,
        answer: Answer,
    ) -> None:
        """Whether the person may say so much is asked before: ``check_message``."""
        command = commands.PostMessage(
            room_id=room_id,
            author_id=connection.user_id,
            author_name=connection.name,
            client_id=client_id,
            content=content,
            is_retry=is_retry,
            member=self._joined_rooms.member(connection, room_id),
            may_create=False,
        )
        self._joined_rooms.say(connection, command, answer)

    def check_message(self, connection: Connection, room_id: str, client_id: str, content: str) -> None:
        """Raises ``NotJoined`` or ``RateLimited``: the room's rate is for those who are in it.

        Once a message, however often the gateway then tries to post it.
        """
        name = self._joined_rooms.member(connection, room_id).name
        weight = weights.of_message(
            room_id=room_id, user_id=connection.user_id, name=name, client_id=client_id, content=content
        )
        self._rates.check_message(
            user_id=connection.user_id, ip=connection.address, room_id=room_id, weight=weight
        )

    def _presence(self, connection: Connection, request: requests.PresenceRequest, answer: Answer) -> None:
        command = commands.GetPresence(
            room_id=request.room, member=self._joined_rooms.member(connection, request.room)
        )
        self._joined_rooms.say(connection, command, _through(answers.presence_ack, answer))

    def _typing(self, connection: Connection, request: requests.TypingRequest, answer: Answer) -> None:
        member = self._joined_rooms.member(connection, request.room)
        if request.on:
            self._rates.check_typing(user_id=connection.user_id, room_id=request.room)
        self._router.send(commands.SetTyping(room_id=request.room, member=member, is_typing=request.on))
        answer(answers.TypingAck())  # nobody needs it, but whoever asked for one must not wait for ever

    def _read(self, connection: Connection, request: requests.ReadRequest, answer: Answer) -> None:
        member = self._joined_rooms.member(connection, request.room)
        command = commands.MarkRead(room_id=request.room, member=member, seq=request.seq)
        self._joined_rooms.say(connection, command, _through(answers.read_ack, answer))

    def _attach(self, connection: Connection, request: requests.AttachRequest, answer: Answer) -> None:
        member = self._joined_rooms.member(connection, request.room)
        self._rates.check_attachment(ip=connection.address, weight=weights.of_attachment(request.text))
        command = commands.Attach(
            room_id=request.room,
            member=member,
            value=request.text,
            is_merge=request.is_merge,
            version=request.version,
        )
        self._joined_rooms.say(connection, command, _through(answers.attach_ack, answer))

    # --- what the log knows -------------------------------------------------------------------

    def _check_look(self, connection: Connection, room_id: str) -> None:
        """What is read where one is not has a budget, so that names of rooms cannot be tried in masses."""
        if room_id not in connection.rooms:
            self._rates.check_look(user_id=connection.user_id, ip=connection.address)

    def _history(self, connection: Connection, request: requests.HistoryRequest, answer: Answer) -> None:
        self._check_look(connection, request.room)
        self._access.page(
            request.room,
            before=request.before,
            after=request.after,
            around=request.around,
            limit=request.limit,
            done=answer,
        )

    def _lookup(self, connection: Connection, request: requests.LookupRequest, answer: Answer) -> None:
        self._check_look(connection, request.room)
        self._access.lookup(
            request.room,
            connection.user_id,
            request.client_ids,
            done=_through(lambda known: answers.lookup_ack(request.client_ids, known), answer),
        )

    def _ping(self, connection: Connection, request: requests.PingRequest, answer: Answer) -> None:
        def ack(heads: Mapping[str, int]) -> answers.PingAck:
            behind = {room: heads[room] for room, seq in request.heads.items() if heads.get(room, 0) > seq}
            return answers.PingAck(t=request.t, server_time=self._clock.now_ms(), behind=behind)

        self.count_ping(connection)
        rooms = [room_id for room_id in request.heads if room_id in connection.rooms]
        if rooms:
            self._access.heads(rooms, done=_through(ack, answer))
        else:
            answer(ack({}))


def _through(make_ack: Callable[[Any], Any], answer: Answer) -> Answer:
    """Refusals as they are, answers of a room as the ack of the wire."""

    def answered(result: Any) -> None:
        answer(result if isinstance(result, ChatError) else make_ack(result))

    return answered
