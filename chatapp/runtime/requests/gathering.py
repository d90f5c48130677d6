"""What has come of a request, until it is whole: head and body.

An application is told only of whole requests, so that it never waits for somebody who says one byte a
second, and nobody is kept waiting behind that. The body of an upload is too long for it: such a request is
whole with its head, and its body is streamed. Pure: bytes are fed as they come.
"""

from __future__ import annotations

from dataclasses import dataclass

from chatapp.runtime.requests.chunks import LONGEST_BODY, Chunks, too_long
from chatapp.runtime.requests.heads import Head, end_of_head, read_head
from chatapp.runtime.requests.streaming import STREAMED_TYPE, StreamedBody

HEAD_SECONDS = 30.0
BODY_BYTES_PER_SECOND = 4_096  # of somebody with a very slow line


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A whole one; ``rest`` is what came behind it, or the beginning of the body that is streamed."""

    text: bytes  # the head, and the body without chunks
    rest: bytes
    body: StreamedBody | None = None
    is_upgrade: bool = False  # to a WebSocket


class Gathering:
    """One request of one connection. ``feed`` gives it when it is whole, or raises ``NotARequest``."""

    __slots__ = ("_buffer", "_chunks", "_head", "_searched", "is_to_be_asked")

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._searched = 0
        self._head: Head | None = None
        self._chunks: Chunks | None = None
        self.is_to_be_asked = False  # for its body, by "100 Continue", once

    @property
    def has_begun(self) -> bool:
        return self._head is not None or bool(self._buffer)

    @property
    def held_bytes(self) -> int:
        return len(self._buffer) + (len(self._chunks.body) if self._chunks else 0)

    @property
    def seconds(self) -> float:
        """How long the request may take as a whole, as far as is known."""
        length = 0 if self._head is None else LONGEST_BODY if self._head.is_chunked else self._head.length
        return HEAD_SECONDS + length / BODY_BYTES_PER_SECOND

    def feed(self, received: bytes) -> Request | None:
        self._buffer += received
        if self._head is None:
            self._read_head()
        if self._head is None:
            return None
        return self._streamed(self._head) if _is_streamed(self._head) else self._whole(self._head)

    def _read_head(self) -> None:
        while self._buffer.startswith(b"\r\n"):
            del self._buffer[:2]  # some clients end a body with one more line
            self._searched = 0
        end = end_of_head(self._buffer, self._searched)
        if end < 0:
            self._searched = len(self._buffer)
            return
        self._head = read_head(bytes(self._buffer[:end]))
        del self._buffer[:end]
        if _is_streamed(self._head):
            return
        if self._head.length > LONGEST_BODY:
            raise too_long()
        if self._head.is_chunked:
            self._chunks = Chunks()
        self.is_to_be_asked = self._head.wants_to_be_asked and not self._buffer

    def _streamed(self, head: Head) -> Request:
        length = None if head.is_chunked else head.length
        body = StreamedBody(length, is_to_be_asked=head.wants_to_be_asked)
        return Request(text=head.encode(0), rest=bytes(self._buffer), body=body)

    def _whole(self, head: Head) -> Request | None:
        if self._chunks is not None:
            if not self._chunks.feed(self._buffer):
                return None
            body, rest = bytes(self._chunks.body), bytes(self._buffer)
        elif len(self._buffer) < head.length:
            return None
        else:
            body, rest = bytes(self._buffer[: head.length]), bytes(self._buffer[head.length :])
        return Request(text=head.encode(len(body)) + body, rest=rest, is_upgrade=head.is_upgrade)


def _is_streamed(head: Head) -> bool:
    return head.media_type == STREAMED_TYPE and (head.is_chunked or head.length > 0)
