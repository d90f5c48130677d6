"""Going, who is here, and who is typing."""

from __future__ import annotations

from typing import ClassVar

from chatapp.gateway.delivery.connections import Connection
from chatapp.gateway.talk.aspect import Aspect, Handlers, as_ack
from chatapp.gateway.talk.joined_rooms import Answer
from chatapp.protocol.attendance import (
    LeaveAck,
    LeaveRequest,
    PresenceRequest,
    TypingAck,
    TypingRequest,
    presence_ack,
)
from chatapp.rooms.attendance.aspect import GetPresence, SetTyping


class Attendance(Aspect):
    def leave(self, connection: Connection, request: LeaveRequest, answer: Answer) -> None:
        self._context.joined_rooms.leave(connection, request.room, as_ack(lambda _: LeaveAck(), answer))

    def presence(self, connection: Connection, request: PresenceRequest, answer: Answer) -> None:
        joined_rooms = self._context.joined_rooms
        command = GetPresence(room_id=request.room, member=joined_rooms.member(connection, request.room))
        joined_rooms.say(connection, command, as_ack(presence_ack, answer))

    def typing(self, connection: Connection, request: TypingRequest, answer: Answer) -> None:
        context = self._context
        member = context.joined_rooms.member(connection, request.room)
        if request.on:
            context.rates.check_typing(user_id=connection.user_id, room_id=request.room)
        context.router.send(SetTyping(room_id=request.room, member=member, is_typing=request.on))
        answer(TypingAck())  # nobody needs it, but whoever asked for one must not wait for ever

    handles: ClassVar[Handlers] = {
        LeaveRequest: leave,
        PresenceRequest: presence,
        TypingRequest: typing,
    }
