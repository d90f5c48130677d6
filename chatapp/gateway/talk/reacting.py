"""An emoji on a message, or no longer, and whose they are."""

from __future__ import annotations

from typing import ClassVar

from msgspec import UNSET

from chatapp.gateway.delivery.connections import Connection
from chatapp.gateway.talk.aspect import Aspect, Handlers, TalkContext, as_ack
from chatapp.gateway.talk.gathered_reactions import GatheredReactions
from chatapp.gateway.talk.joined_rooms import Answer
from chatapp.limits import weights
from chatapp.protocol.reacting import ReactAck, ReactionsRequest, ReactRequest
from chatapp.rooms.reacting import Reaction


class Reacting(Aspect):
    def __init__(self, context: TalkContext) -> None:
        super().__init__(context)
        self._gathered = GatheredReactions(context.router.send, context.scheduler)
        context.joined_rooms.before_departure = self._gathered.send_now

    def react(self, connection: Connection, request: ReactRequest, answer: Answer) -> None:
        member = self._context.joined_rooms.member(connection, request.room)
        self._context.rates.check_reaction(
            user_id=connection.user_id,
            ip=connection.address,
            room_id=request.room,
            weight=weights.of_reaction(
                room_id=request.room, user_id=connection.user_id, name=member.name, emoji=request.emoji
            ),
        )
        reaction = Reaction(
            user_id=connection.user_id,
            name=member.name,
            target=request.target.as_id(),
            emoji=request.emoji,
            on=request.on,
            member=member,
        )
        self._gathered.put(request.room, reaction, as_ack(_ack, answer))

    def reactions(self, connection: Connection, request: ReactionsRequest, answer: Answer) -> None:
        self.check_look(connection, request.room)
        self._context.access.reactions(request.room, request.target.as_id(), done=answer)

    handles: ClassVar[Handlers] = {ReactRequest: react, ReactionsRequest: reactions}


def _ack(seq: int | None) -> ReactAck:
    return ReactAck(seq=UNSET if seq is None else seq)
