"""The small value that a device keeps."""

from __future__ import annotations

from typing import ClassVar

from chatapp.gateway.delivery.connections import Connection
from chatapp.gateway.talk.aspect import Aspect, Handlers, as_ack
from chatapp.gateway.talk.joined_rooms import Answer
from chatapp.limits import weights
from chatapp.protocol.attachments import AttachRequest, attach_ack
from chatapp.rooms.attachments import Attach


class Attachments(Aspect):
    def attach(self, connection: Connection, request: AttachRequest, answer: Answer) -> None:
        joined_rooms = self._context.joined_rooms
        member = joined_rooms.member(connection, request.room)
        self._context.rates.check_attachment(
            ip=connection.address, weight=weights.of_attachment(request.text)
        )
        command = Attach(
            room_id=request.room,
            member=member,
            value=request.text,
            is_merge=request.is_merge,
            version=request.version,
        )
        joined_rooms.say(connection, command, as_ack(attach_ack, answer))

    handles: ClassVar[Handlers] = {AttachRequest: attach}
