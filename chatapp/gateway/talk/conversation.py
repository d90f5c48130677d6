"""The conversation: what a client says, and which aspect handles it.

Nothing here waits: it runs in receive order, before the next frame of the same client is looked at, so
that a client's own order is the order in the room's mailbox.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from types import MethodType
from typing import Any

from chatapp import protocol
from chatapp.errors import ChatError, Internal
from chatapp.gateway.delivery.connections import Connection
from chatapp.gateway.talk.aspect import Aspect, TalkContext, handlers_of
from chatapp.gateway.talk.attachments import Attachments
from chatapp.gateway.talk.attendance import Attendance
from chatapp.gateway.talk.changing import Changing
from chatapp.gateway.talk.joined_rooms import Answer
from chatapp.gateway.talk.joining import Joining
from chatapp.gateway.talk.messages import Messages
from chatapp.gateway.talk.pings import Pings
from chatapp.gateway.talk.reacting import Reacting
from chatapp.gateway.talk.reading import Reading
from chatapp.gateway.talk.search import Search
from chatapp.protocol.forms import Request

ASPECTS: Sequence[type[Aspect]] = (
    Attendance,
    Messages,
    Changing,
    Reacting,
    Search,
    Reading,
    Attachments,
    Joining,
    Pings,
)
HANDLERS = handlers_of(ASPECTS)

logger = logging.getLogger(__name__)


class Conversation:
    def __init__(self, context: TalkContext) -> None:
        aspects = {aspect: aspect(context) for aspect in ASPECTS}
        self._handlers: dict[type[Request], Callable[[Connection, Any, Answer], None]] = {
            request: MethodType(handler, aspects[aspect]) for request, (aspect, handler) in HANDLERS.items()
        }

    def hear(self, connection: Connection, name: object, args: Sequence[object], answer: Answer) -> None:
        """One event of a client; every one is answered, whatever it is."""
        try:
            request = protocol.parse(name, args)
            self._handlers[type(request)](connection, request, answer)
        except ChatError as refusal:
            answer(refusal)
        except Exception:
            logger.exception("a bug while hearing an event")
            answer(Internal())
