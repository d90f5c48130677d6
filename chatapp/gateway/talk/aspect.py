"""An aspect of what a client may say, cut as ``chatapp.rooms`` is: a new event is one method of one of them.

A handler checks the rate, sends, and answers later. What changes a room goes to the room's owner by the
router, what only reads goes to ``chatapp.access``. No handler waits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from chatapp.access import Access
from chatapp.errors import ChatError, UploadsOff
from chatapp.gateway.delivery.connections import Connection
from chatapp.gateway.talk.joined_rooms import Answer, JoinedRooms
from chatapp.kernel.ports import Clock, Scheduler
from chatapp.kernel.router import Router
from chatapp.limits.rates import Rates
from chatapp.metrics import Metrics
from chatapp.protocol.forms import Request
from chatapp.rooms.aspect import merged

Handler = Callable[[Any, Connection, Any, Answer], None]
"""A method of an aspect; may refuse by raising a ``ChatError``, or answer with one."""

Handlers = Mapping[type[Request], Handler]


@dataclass(frozen=True, kw_only=True)
class TalkContext:
    """What the handlers stand on. ``history_limit`` is for newcomers who do not say how much they want.

    ``has_uploads``: this server takes files.
    """

    router: Router
    joined_rooms: JoinedRooms
    access: Access
    rates: Rates
    clock: Clock
    scheduler: Scheduler
    metrics: Metrics
    history_limit: int
    has_uploads: bool = False


class Aspect:
    handles: ClassVar[Handlers]

    def __init__(self, context: TalkContext) -> None:
        self._context = context

    def check_uploads(self, uploads: Sequence[str] | None) -> None:
        """Raises ``UploadsOff`` for a request with files where there are none."""
        if uploads and not self._context.has_uploads:
            raise UploadsOff(field="uploads")

    def check_look(self, connection: Connection, room_id: str) -> None:
        """What is read where one is not has a budget, so that names of rooms cannot be tried in masses."""
        if room_id not in connection.rooms:
            self._context.rates.check_look(user_id=connection.user_id, ip=connection.address)


def handlers_of(aspects: Iterable[type[Aspect]]) -> dict[type[Request], tuple[type[Aspect], Handler]]:
    """Who handles a request: one aspect, by one method."""
    return merged(
        {request: (aspect, handler) for request, handler in aspect.handles.items()} for aspect in aspects
    )


def as_ack(make_ack: Callable[[Any], Any], answer: Answer) -> Answer:
    """Refusals as they are, answers of a room as the ack of the wire."""

    def answered(result: Any) -> None:
        answer(result if isinstance(result, ChatError) else make_ack(result))

    return answered
