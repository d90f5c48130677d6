"""An emoji on a message, or no longer, and whose they are."""

from __future__ import annotations

from typing import ClassVar

from chatapp.gateway.delivery.connections import Connection
from chatapp.gateway.talk.aspect import Aspect, Handlers, TalkContext, as_ack
from chatapp.gateway.talk.gathered_reactions import GatheredReactions
from chatapp.gateway.talk.joined_rooms import Answer
from chatapp.limits import weights
from chatapp.protocol.reacting import ReactionsRequest, ReactRequest, react_ack, reaction_of


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
        reaction = reaction_of(request, connection.user_id, member.name, member)
        self._gathered.put(request.room, reaction, as_ack(react_ack, answer))

    def reactions(self, connection: Connection, request: ReactionsRequest, answer: Answer) -> None:
        self.check_look(connection, request.room)
        self._context.access.reactions(request.room, request.target.as_id(), done=answer)

    handles: ClassVar[Handlers] = {ReactRequest: react, ReactionsRequest: reactions}
