"""Bodies in chunks, read strictly: what says something else than a length ends the body.

Eventlet reads a length as Python reads a number, so that a negative one makes it take the content
for the next length and wait for what nobody sends. Here a length is hexadecimal digits and no more than
``LONGEST_CHUNK``. Reading nonsense raises ``ValueError``, now and whenever it is tried again, and
the connection is closed behind the answer, since nobody knows where the next request begins.
"""

from __future__ import annotations

import io
import re
from typing import Any

from eventlet import wsgi

LONGEST_CHUNK = 1 << 20
LONGEST_BODY = 1 << 20  # more is left unread; whoever reads has a smaller limit
_LONGEST_LINE = 1_024
_LENGTH = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n]*)?\r?\n")
_END_OF_LINE = (b"\r\n", b"\n")


class ChunkedInput(wsgi.Input):
    """The body of one request, read whole when its first byte is asked for."""

    def __init__(self, plain: Any) -> None:
        """``plain`` is what eventlet has made of the request, and has not read yet."""
        super().__init__(
            plain.rfile,
            None,
            plain.get_socket(),
            wfile=plain.wfile,
            wfile_line=plain.wfile_line,
            chunked_input=True,
        )
        self._body: io.BytesIO | None = None
        self._is_broken = False

    def discard(self, buffer_size: int = 0) -> None:
        """Called when another request is expected on this connection."""
        self.read(1)
        if self._is_broken:
            raise wsgi.ChunkReadError("nobody knows where the next request begins")

    def _chunked_read(self, rfile: Any, length: int | None = None, use_readline: bool = False) -> bytes:
        super()._chunked_read(rfile, 0)  # says 100 Continue to whoever waits for it
        if self._body is None:
            self._body = io.BytesIO(self._whole(rfile))
        return self._body.readline(length) if use_readline else self._body.read(length)

    def _whole(self, rfile: Any) -> bytes:
        if self._is_broken:
            raise wsgi.ChunkReadError("the body made no sense before")
        self._is_broken = True  # until its end was read
        body = b""
        while len(body) <= LONGEST_BODY:
            length = _length(rfile.readline(_LONGEST_LINE))
            if length == 0:
                self._discard_trailers(rfile)
                self._is_broken = False
                break
            body += _chunk(rfile, length)
        return body


def _length(line: bytes) -> int:
    found = _LENGTH.fullmatch(line)
    if found is None or (length := int(found[1], 16)) > LONGEST_CHUNK:
        raise wsgi.ChunkReadError("a chunk begins with its length")
    return length


def _chunk(rfile: Any, length: int) -> bytes:
    chunk: bytes = rfile.read(length)
    if len(chunk) < length or rfile.readline(2) not in _END_OF_LINE:
        raise wsgi.ChunkReadError("a chunk is as long as it says")
    return chunk
