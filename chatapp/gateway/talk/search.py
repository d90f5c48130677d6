"""Looking for what was said."""

from __future__ import annotations

from typing import ClassVar

from chatapp.gateway.delivery.connections import Connection
from chatapp.gateway.talk.aspect import Aspect, Handlers
from chatapp.gateway.talk.joined_rooms import Answer
from chatapp.protocol.search import SearchRequest


class Search(Aspect):
    def search(self, connection: Connection, request: SearchRequest, answer: Answer) -> None:
        self.check_look(connection, request.room)
        self._context.rates.check_search(user_id=connection.user_id, ip=connection.address)
        self._context.access.search(
            request.room,
            connection.user_id,
            request.query,
            before=request.before,
            limit=request.limit,
            done=answer,
        )

    handles: ClassVar[Handlers] = {SearchRequest: search}
