"""What is said, and what was: posting, history, looking up one's own."""

from __future__ import annotations

from typing import Any, ClassVar

from chatapp.gateway.delivery.connections import Connection
from chatapp.gateway.talk.aspect import Aspect, Handlers, as_ack
from chatapp.gateway.talk.joined_rooms import Answer
from chatapp.limits import weights
from chatapp.protocol.messages import (
    HistoryRequest,
    LookupRequest,
    MessageAck,
    MessageRequest,
    lookup_ack,
    message_ack,
    post_command,
)
from chatapp.rooms.messages.aspect import Posted


class Messages(Aspect):
    def message(self, connection: Connection, request: MessageRequest, answer: Answer) -> None:
        self.check_uploads(request.uploads)
        self.check(
            connection,
            request.room,
            request.client_id,
            request.content,
            files=len(request.uploads or ()),
            called=len(request.mentions or ()),
        )
        self.post(
            connection,
            room_id=request.room,
            client_id=request.client_id,
            content=request.content,
            is_retry=request.retry,
            reply_to=request.reply_to,
            mentions=request.mentions,
            uploads=request.uploads,
            answer=as_ack(self._ack, answer),
        )

    def _ack(self, posted: Posted) -> MessageAck:
        if posted.is_duplicate:
            self._context.metrics.answered_duplicate()
        return message_ack(posted)

    def post(
        self,
        connection: Connection,
        *,
        room_id: str,
        client_id: str,
        content: str,
        is_retry: bool,
        answer: Answer,
        **more: Any,
    ) -> None:
        """Whether the person may say so much is asked before: ``check``. ``more`` is for ``post_command``."""
        command = post_command(
            room_id=room_id,
            author_id=connection.user_id,
            author_name=connection.name,
            client_id=client_id,
            content=content,
            is_retry=is_retry,
            member=self._context.joined_rooms.member(connection, room_id),
            may_create=False,
            **more,
        )
        self._context.joined_rooms.say(connection, command, answer)

    def check(
        self,
        connection: Connection,
        room_id: str,
        client_id: str,
        content: str,
        *,
        files: int = 0,
        called: int = 0,
    ) -> None:
        """Raises ``NotJoined`` or ``RateLimited``: the room's rate is for those who are in it.

        Once a message, however often the gateway then tries to post it.
        """
        name = self._context.joined_rooms.member(connection, room_id).name
        weight = weights.of_message(
            room_id=room_id,
            user_id=connection.user_id,
            name=name,
            client_id=client_id,
            content=content,
            files=files,
            called=called,
        )
        self._context.rates.check_message(
            user_id=connection.user_id, ip=connection.address, room_id=room_id, weight=weight
        )

    def history(self, connection: Connection, request: HistoryRequest, answer: Answer) -> None:
        self.check_look(connection, request.room)
        self._context.access.page(
            request.room,
            before=request.before,
            after=request.after,
            around=request.around,
            limit=request.limit,
            user_id=connection.user_id,
            done=answer,
        )

    def lookup(self, connection: Connection, request: LookupRequest, answer: Answer) -> None:
        self.check_look(connection, request.room)
        self._context.access.lookup(
            request.room,
            connection.user_id,
            request.client_ids,
            done=as_ack(lambda known: lookup_ack(request.client_ids, known), answer),
        )

    handles: ClassVar[Handlers] = {
        MessageRequest: message,
        HistoryRequest: history,
        LookupRequest: lookup,
    }
