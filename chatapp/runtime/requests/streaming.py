"""What an application has to do with a long body: it is asked, it names a receiver, it answers.

A body of the type that tus uploads have is not gathered. The application is called twice for such a request,
and never waits for a byte of it: first when its head is here, and what it then answers is the answer, unless
it has named a receiver; that one gets the body piece by piece, and once it has ended the application is
called again, to answer.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

from eventlet import wsgi

STREAMED_TYPE = b"application/offset+octet-stream"
_BODY = "chatapp.streamed_body"


class Receiver(Protocol):
    """Everything is called on the hub, one after the other, and calls back there."""

    def take(self, piece: bytes, done: Callable[[bool], None]) -> None:
        """A piece of at most ``PIECE_BYTES``; the next comes after ``done``. ``done(False)``: no more."""

    def end(self, is_whole: bool, done: Callable[[], None]) -> None:
        """Nothing more comes. Not ``is_whole``: it has broken off, and nobody waits for an answer."""


class Whose(NamedTuple):
    """By what a body counts: who sends it, from where, and to what. None: by that it does not."""

    person: str
    address: str | None = None
    target: str | None = None


class StreamedBody:
    """``length`` in bytes; None: it comes in chunks, and nobody knows. ``receiver`` once there is one."""

    __slots__ = ("is_over", "is_read", "is_to_be_asked", "length", "on_known", "receiver")

    def __init__(self, length: int | None, *, is_to_be_asked: bool) -> None:
        self.length = length
        self.is_to_be_asked = is_to_be_asked  # for it, by "100 Continue"
        self.receiver: Receiver | None = None
        self.is_over = False  # the receiver has what there is to get: now the answer is wanted
        self.is_read = False  # up to its end
        self.on_known: Callable[[Whose], str | None] = lambda whose: None

    def count_for(self, whose: Whose) -> str | None:
        """Say whose it is, before it is handed over.

        What it is to be refused for: "person", "address" or "node". Another one that is under way to
        the same target is broken off, and where no place is left one of the address that has most.
        """
        return self.on_known(whose)

    def receive_by(self, receiver: Receiver) -> None:
        """Hand the body over. What the application answers to this call of it is not sent."""
        self.receiver = receiver
        wsgi.WSGI_LOCAL.already_handled = True

    def put_into(self, environ: dict[str, Any]) -> None:
        environ[_BODY] = self


def streamed_body(environ: dict[str, Any]) -> StreamedBody | None:
    """The body of a request that has one of that type, with at least a byte."""
    body: StreamedBody | None = environ.get(_BODY)
    return body
