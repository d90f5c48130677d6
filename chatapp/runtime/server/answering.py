"""Answering one whole request: eventlet's WSGI, between what was read already and a bounded write.

eventlet makes the environ and runs the application. It reads from what was gathered before, so nothing
in here waits for the client to say something. Taking the answer has a time too: thirty seconds, and as
many again as its bytes need on a very slow line; and of answers that wait for their client an address
has only a share.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from contextlib import suppress
from http.client import HTTPMessage
from typing import Any, TypeVar

from eventlet import patcher, wsgi
from eventlet.greenio import GreenSocket

from chatapp.runtime.bounds.shares import Shares
from chatapp.runtime.hub.scheduler import Promise, boottime
from chatapp.runtime.requests.gathering import Request
from chatapp.runtime.requests.streaming import StreamedBody
from chatapp.runtime.sending.pump import Pump, Source
from chatapp.runtime.server.arrivals import Arrival

_socket = patcher.original("socket")

R = TypeVar("R")

WRITE_SECONDS = 30.0
WRITTEN_BYTES_PER_SECOND = 4_096
_ANSWER = "chatapp.answer"  # in the environ
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class Answer(io.RawIOBase):
    """What a client is sent. While it does not take it, this is held in ``unread`` under its address."""

    def __init__(self, connection: GreenSocket, share: str | None, unread: Shares[Answer]) -> None:
        self._connection = connection
        self._share = share
        self._unread = unread
        self._seconds_left = WRITE_SECONDS
        self._is_cut = False

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        if self._is_cut:
            raise BrokenPipeError
        try:
            sent: int = self._connection.fd.send(data)
        except BlockingIOError:
            sent = self._wait_and_send(data)
        self._seconds_left += sent / WRITTEN_BYTES_PER_SECOND
        return sent

    def cut(self) -> None:
        """End it where it is; what the system still holds of it is dropped."""
        self._is_cut = True
        with suppress(OSError):
            self._connection.fd.setsockopt(_socket.SOL_SOCKET, _socket.SO_LINGER, _RESET_ON_CLOSE)
            self._connection.fd.shutdown(_socket.SHUT_RDWR)

    def send_from(self, source: Source, pump: Pump) -> None:
        """Past all buffers; block the greenlet until the source has nothing more at hand.

        All the while it is one of those that wait for their client. Raises ``OSError`` when that is gone, or
        too slow, and whatever the source has raised.
        """
        if self._is_cut:
            raise BrokenPipeError
        over: Promise[None] = Promise()
        began_at = boottime()

        def on_progress(sent_bytes: int) -> None:
            nonlocal began_at
            now = boottime()
            self._seconds_left += sent_bytes / WRITTEN_BYTES_PER_SECOND - (now - began_at)
            began_at = now
            if self._seconds_left <= 0:
                self.cut()
            elif sent_bytes:  # or else it comes to be the one that has taken nothing for longest
                self._unread.remove(self._share, self)
                self._unread.add(self._share, self)

        self._unread.add(self._share, self)
        try:
            pump.send(self._connection.fd, source, over.resolve, on_progress)
            over.wait()
        except BaseException:
            self.cut()
            raise
        finally:
            self._unread.remove(self._share, self)

    def _wait_and_send(self, data: Any) -> int:
        def send(seconds_left: float) -> int:
            self._connection.settimeout(seconds_left)
            sent: int = self._connection.send(data)
            return sent

        return self._wait(send)

    def _wait(self, until_taken: Callable[[float], R]) -> R:
        """Within the time that is left, and among those that an address has only a share of."""
        self._unread.add(self._share, self)
        began_at = boottime()
        try:
            return until_taken(max(self._seconds_left, 0.001))
        except OSError:
            self.cut()
            raise
        finally:
            self._seconds_left -= boottime() - began_at
            self._unread.remove(self._share, self)


def answer_of(environ: dict[str, Any]) -> Answer | None:
    """What answers this request, for whoever sends the body past WSGI, behind a first piece of it.

    None: it came by another server than ours.
    """
    answer: Answer | None = environ.get(_ANSWER)
    return answer


class Answering(wsgi.HttpProtocol):
    """One request of one connection, whose ``green`` socket it is given.

    ``rest`` is what came behind the request. ``is_kept``: another one may follow. ``is_received``: its body
    is to be streamed to whom the application has named. ``is_left``: it was answered, and there may be more
    of its body. A socket that is none of these, and not taken over, is closed.
    """

    def __init__(
        self, arrival: Arrival, request: Request, server: wsgi.Server, unread: Shares[Answer]
    ) -> None:
        self.is_kept = self.is_received = self.is_left = False
        self.rest = request.rest
        self._body = request.body
        self._head, _, body = request.text.partition(b"\r\n\r\n")
        self._ahead = body + request.rest
        self._held = (arrival.share, unread)
        super().__init__([arrival.peer, arrival.green, wsgi.STATE_REQUEST], server)

    def setup(self) -> None:
        self.connection = self.request
        self.rfile = io.BytesIO(self._ahead)
        self._answer = Answer(self.connection, *self._held)
        self.wfile = io.BufferedWriter(self._answer, self.wbufsize)

    def get_environ(self) -> dict[str, Any]:
        environ: dict[str, Any] = super().get_environ()
        environ["SERVER_PROTOCOL"] = self.request_version  # for eventlet everybody speaks HTTP/1.0
        if self._body is not None:
            self._body.put_into(environ)
        environ[_ANSWER] = self._answer
        # Or else a small first piece would come behind what is sent past WSGI.
        environ["eventlet.minimum_write_chunk_size"] = 1
        return environ

    def handle(self) -> None:
        self.close_connection = True
        self.handle_one_request()

    def _read_request_line(self) -> bytes:
        return self._head.partition(b"\r\n")[0]

    def parse_request(self) -> bool:
        """What ``heads`` has read strictly needs no second reader, which costs more than all the rest."""
        self.requestline, *fields = self._head.decode("latin-1").split("\r\n")
        self.command, self.path, self.request_version = self.requestline.split(" ")
        if self.path.startswith("//"):  # in a redirect it would be another host
            self.path = "/" + self.path.lstrip("/")
        self.headers = HTTPMessage()
        self.headers._headers = [tuple(field.split(": ", 1)) for field in fields]  # type: ignore[attr-defined]
        connection = self.headers.get("Connection", "").lower()
        is_old = self.request_version == "HTTP/1.0"
        wants_to_close = connection != "keep-alive" if is_old else connection == "close"
        self.close_connection = wants_to_close or self._is_body_on_its_way()
        return True

    def _is_body_on_its_way(self) -> bool:
        """Behind what is not read nothing else can be read."""
        body = self._body
        if body is None or body.is_read:
            return False
        return body.is_over or body.length is None or len(self.rest) < body.length

    def finish(self) -> None:
        self.rest = self.rfile.read()
        with suppress(OSError):
            self.wfile.close()
        raw = self.connection.fd
        if raw.fileno() < 0:  # taken over
            return
        if self._body is not None and self._has_left_the_body(self._body):
            return
        if not self.close_connection:
            self.is_kept = True
            return
        with suppress(OSError):
            raw.shutdown(_socket.SHUT_RDWR)
        raw.close()

    def _has_left_the_body(self, body: StreamedBody) -> bool:
        if body.receiver is not None and not body.is_over:
            self.is_received = True
        elif self._is_body_on_its_way():
            self.is_left = True
        elif not body.is_over:
            self.rest = self.rest[body.length :]  # refused, and it had come as a whole
        return self.is_received or self.is_left

    def log_message(self, *args: object) -> None:
        """Nothing: the request's own handler knows what is worth a line."""
