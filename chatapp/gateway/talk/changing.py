"""Another text for a message of one's own, or none."""

from __future__ import annotations

from typing import ClassVar

from chatapp.gateway.delivery.connections import Connection
from chatapp.gateway.talk.aspect import Aspect, Handlers, as_ack
from chatapp.gateway.talk.joined_rooms import Answer
from chatapp.limits import weights
from chatapp.protocol.changing import DeleteRequest, EditRequest, change_ack, delete_command, edit_command
from chatapp.protocol.messages import MessageAck
from chatapp.rooms.changing import Changed


class Changing(Aspect):
    def edit(self, connection: Connection, request: EditRequest, answer: Answer) -> None:
        self.check_uploads(request.uploads)
        self._check(connection, request, request.content, called=len(request.mentions or ()))
        member = self._context.joined_rooms.member(connection, request.room)
        command = edit_command(request, connection.user_id, member)
        self._context.joined_rooms.say(connection, command, as_ack(self._ack, answer))

    def delete(self, connection: Connection, request: DeleteRequest, answer: Answer) -> None:
        self._check(connection, request)
        member = self._context.joined_rooms.member(connection, request.room)
        command = delete_command(request, connection.user_id, member)
        self._context.joined_rooms.say(connection, command, as_ack(self._ack, answer))

    def _check(
        self,
        connection: Connection,
        request: EditRequest | DeleteRequest,
        content: str = "",
        *,
        called: int = 0,
    ) -> None:
        """By the budget of what one says. Raises ``NotJoined`` or ``RateLimited``."""
        name = self._context.joined_rooms.member(connection, request.room).name
        weight = weights.of_message(
            room_id=request.room,
            user_id=connection.user_id,
            name=name,
            client_id=request.client_id,
            content=content,
            called=called,
        )
        self._context.rates.check_message(
            user_id=connection.user_id, ip=connection.address, room_id=request.room, weight=weight
        )

    def _ack(self, changed: Changed) -> MessageAck:
        if changed.is_duplicate:
            self._context.metrics.answered_duplicate()
        return change_ack(changed)

    handles: ClassVar[Handlers] = {EditRequest: edit, DeleteRequest: delete}
