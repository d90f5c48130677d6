"""Coming to a room, which concerns all the others."""

from __future__ import annotations

from typing import ClassVar

from msgspec import UNSET

from chatapp import limits
from chatapp.errors import Forbidden
from chatapp.gateway.delivery.connections import Connection
from chatapp.gateway.talk.aspect import Aspect, Handlers, as_ack
from chatapp.gateway.talk.joined_rooms import Answer
from chatapp.protocol.joining import JoinAck, JoinRequest, join_ack
from chatapp.rooms.commands import Cursor, Join
from chatapp.rooms.joining import Joined


class Joining(Aspect):
    def join(self, connection: Connection, request: JoinRequest, answer: Answer) -> None:
        context, room_id, since = self._context, request.room, request.since
        if room_id not in connection.rooms and len(connection.rooms) >= limits.ROOMS_PER_CONNECTION:
            raise Forbidden(f"A connection has at most {limits.ROOMS_PER_CONNECTION} rooms.", field="room")
        context.joined_rooms.check_join(connection, room_id, request.attachment_text)

        def ack(joined: Joined) -> JoinAck:
            if since:
                context.metrics.resumed(joined.reason or "recovered")
            return join_ack(joined)

        context.joined_rooms.join(
            connection,
            Join(
                room_id=room_id,
                member=connection.member(context.router.node_id),
                since=Cursor(stream_id=since.stream, seq=since.seq) if since else None,
                limit=context.history_limit if request.limit is UNSET else request.limit,
                attachment=request.attachment_text,
                may_create=False,
            ),
            as_ack(ack, answer),
        )

    handles: ClassVar[Handlers] = {JoinRequest: join}
