"""A long body, cut into pieces as it comes: what the node holds of it is never more than one.

Whoever reads the socket asks for ``wanted`` bytes at most, feeds them, and takes a piece as soon as there is
one: the last may be smaller. Pure, as the reading of heads and chunks is.
"""

from __future__ import annotations

from chatapp.runtime.requests.chunks import Chunks

PIECE_BYTES = 512 * 1024
RECEIVE_BYTES = 65_536
LONGEST_STREAM = 1 << 40  # whoever takes the pieces knows what is too much


class Pieces:
    """Of a body of ``length`` bytes; None: it comes in chunks. ``rest`` is what came behind it."""

    __slots__ = ("_body", "_buffer", "_chunks", "_missing", "is_whole")

    def __init__(self, length: int | None) -> None:
        self._chunks = Chunks(LONGEST_STREAM) if length is None else None
        self._body = bytearray() if self._chunks is None else self._chunks.body
        self._buffer = bytearray()
        self._missing = length or 0
        self.is_whole = length == 0

    @property
    def wanted(self) -> int:
        """How much may be read of it now, so that no more than a piece is held."""
        room = PIECE_BYTES - len(self._body)
        return min(RECEIVE_BYTES, room if self._chunks is not None else min(room, self._missing))

    @property
    def held_bytes(self) -> int:
        """Of the body, not taken yet."""
        return len(self._body)

    @property
    def has_piece(self) -> bool:
        return len(self._body) >= PIECE_BYTES or (self.is_whole and bool(self._body))

    @property
    def rest(self) -> bytes:
        return bytes(self._buffer)

    def feed(self, received: bytes) -> None:
        """Raises ``NotARequest`` for what is no body."""
        if self._chunks is not None:
            self._buffer += received
            self.is_whole = self.is_whole or self._chunks.feed(self._buffer)
            return
        self._body += received[: self._missing]
        self._buffer += received[self._missing :]
        self._missing -= min(self._missing, len(received))
        self.is_whole = not self._missing

    def take(self) -> bytes:
        """The next piece, or what there is of it."""
        piece = bytes(memoryview(self._body)[:PIECE_BYTES])
        del self._body[:PIECE_BYTES]
        return piece
