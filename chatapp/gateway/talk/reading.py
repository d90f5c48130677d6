"""How far a person has read."""

from __future__ import annotations

from typing import ClassVar

from chatapp.gateway.delivery.connections import Connection
from chatapp.gateway.talk.aspect import Aspect, Handlers, as_ack
from chatapp.gateway.talk.joined_rooms import Answer
from chatapp.protocol.reading import ReadRequest, read_ack
from chatapp.rooms.reading import MarkRead


class Reading(Aspect):
    def read(self, connection: Connection, request: ReadRequest, answer: Answer) -> None:
        joined_rooms = self._context.joined_rooms
        member = joined_rooms.member(connection, request.room)
        command = MarkRead(room_id=request.room, member=member, seq=request.seq)
        joined_rooms.say(connection, command, as_ack(read_ack, answer))

    handles: ClassVar[Handlers] = {ReadRequest: read}
