"""Bodies in chunks, read strictly: what says something else than a length ends the request.

A length is hexadecimal digits; lines end with CR and LF. Trailers are read past. Pure: bytes are fed as they
come, and whoever feeds takes what has come of the body whenever they like.
"""

from __future__ import annotations

import re

from chatapp.runtime.requests.heads import NotARequest

LONGEST_BODY = 128 * 1024  # whoever reads it has a smaller limit, and says so
_LONGEST_LINE = 1_024
_MOST_TRAILERS = 32
_LENGTH = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\x00-\x08\x0a-\x1f\x7f]*)?")


class Chunks:
    """The body of one request, of ``longest`` bytes at most; ``body`` is what was not taken of it yet.

    ``feed`` takes what belongs to it out of the buffer.
    """

    __slots__ = ("_longest", "_missing", "_total", "_trailers", "body")

    def __init__(self, longest: int = LONGEST_BODY) -> None:
        self.body = bytearray()
        self._longest = longest
        self._total = 0  # of all chunks that have begun
        self._missing: int | None = None  # of the chunk under way; None: a length comes
        self._trailers: int | None = None  # lines of them so far; None: they have not begun

    def feed(self, buffer: bytearray) -> bool:
        """Whether the body is whole. Raises ``NotARequest``."""
        while True:
            if self._missing is not None:
                if not self._take_chunk(buffer):
                    return False
                continue
            line = _line(buffer)
            if line is None:
                return False
            if self._trailers is None:
                self._begin(line)
            elif not line:
                return True
            elif (count := self._trailers + 1) > _MOST_TRAILERS:
                raise NotARequest("There are too many trailers.")
            else:
                self._trailers = count

    def _begin(self, line: bytes) -> None:
        found = _LENGTH.fullmatch(line)
        if found is None:
            raise NotARequest("A chunk begins with its length.")
        length = int(found[1], 16)
        if length > self._longest:
            raise NotARequest("A chunk is too long.")
        self._total += length
        if self._total > self._longest:
            raise too_long()
        if length:
            self._missing = length
        else:
            self._trailers = 0

    def _take_chunk(self, buffer: bytearray) -> bool:
        """What there is of it; whether its end was there too."""
        assert self._missing is not None
        if self._missing:
            here = min(self._missing, len(buffer))
            self.body += buffer[:here]
            del buffer[:here]
            self._missing -= here
        if self._missing or len(buffer) < 2:
            return False
        if not buffer.startswith(b"\r\n"):
            raise NotARequest("A chunk is as long as it says.")
        del buffer[:2]
        self._missing = None
        return True


def too_long() -> NotARequest:
    return NotARequest("The body is too long.", "413 Content Too Large", "too_long")


def _line(buffer: bytearray) -> bytes | None:
    end = buffer.find(b"\n", 0, _LONGEST_LINE)
    if end < 0:
        if len(buffer) >= _LONGEST_LINE:
            raise NotARequest("A line between the chunks is too long.")
        return None
    line = bytes(buffer[: end + 1])
    if not line.endswith(b"\r\n"):
        raise NotARequest("A line between the chunks ends with CR and LF.")
    del buffer[: end + 1]
    return line[:-2]
