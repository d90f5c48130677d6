"""A client's own pings: answered here, with the rooms in which it is behind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from chatapp.gateway.delivery.connections import Connection
from chatapp.gateway.talk.aspect import Aspect, Handlers, as_ack
from chatapp.gateway.talk.joined_rooms import Answer
from chatapp.protocol.connection import PingAck, PingRequest


class Pings(Aspect):
    def ping(self, connection: Connection, request: PingRequest, answer: Answer) -> None:
        def ack(heads: Mapping[str, int]) -> PingAck:
            behind = {room: heads[room] for room, seq in request.heads.items() if heads.get(room, 0) > seq}
            return PingAck(t=request.t, server_time=self._context.clock.now_ms(), behind=behind)

        self.count(connection)
        rooms = [room_id for room_id in request.heads if room_id in connection.rooms]
        if rooms:
            self._context.access.heads(rooms, done=as_ack(ack, answer))
        else:
            answer(ack({}))

    def count(self, connection: Connection) -> None:
        """Those whose rooms all sleep are counted: no ping wakes one."""
        is_awake = self._context.router.is_awake
        if not any(is_awake(room_id) for room_id in connection.rooms):
            self._context.metrics.ping_answered_asleep()

    handles: ClassVar[Handlers] = {PingRequest: ping}
