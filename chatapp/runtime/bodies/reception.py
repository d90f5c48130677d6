"""A reception: one long body under way, as far as it has come."""

from __future__ import annotations

from typing import Any

from chatapp.runtime.bodies.pieces import Pieces
from chatapp.runtime.requests.gathering import Request
from chatapp.runtime.requests.streaming import Receiver, StreamedBody


class Reception:
    """One body under way."""

    __slots__ = (
        *("body", "connection", "has_begun", "is_broken", "is_overtaken"),
        *("is_storing", "listener", "pieces", "request", "timer"),
    )

    def __init__(self, connection: Any, request: Request, body: StreamedBody) -> None:
        self.connection = connection
        self.request = request
        self.body = body
        self.pieces = Pieces(body.length)
        self.listener: Any = None
        self.timer: Any = None
        self.has_begun = False
        self.is_storing = False
        self.is_overtaken = False  # what it holds comes again by another one
        self.is_broken = False  # nothing is read any more, and nobody waits for an answer

    @property
    def is_coming(self) -> bool:
        """Some of it is still missing."""
        return self.has_begun and not self.is_broken and not self.pieces.is_whole and not self.body.is_over

    @property
    def receiver(self) -> Receiver:
        assert self.body.receiver is not None
        return self.body.receiver
