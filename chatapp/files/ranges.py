"""One range of bytes of a file, as a player or an interrupted download asks for it: RFC 9110, 14.

Several ranges at once are answered with the whole, as the RFC allows: nobody who plays or goes on needs them.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_ONE = re.compile(r"bytes\s*=\s*(?:(\d{1,18})-(\d{1,18})?|-(\d{1,18}))\s*", re.ASCII | re.IGNORECASE)


class NotSatisfiable(ValueError):
    """It lies behind the end."""


class Span(NamedTuple):
    """From ``start`` until before ``end``."""

    start: int
    end: int

    @property
    def size(self) -> int:
        return self.end - self.start


def span_of(header: str | None, size: int) -> Span | None:
    """What a ``Range`` header asks of so many bytes; None: the whole. Raises ``NotSatisfiable``."""
    found = _ONE.fullmatch(header.strip()) if header else None
    if found is None:  # another unit, several, or nothing that can be read: as if it were not there
        return None
    first, last, count = found.groups()
    if count is not None:
        return _from(max(0, size - int(count)), size, size)
    if last is not None and int(last) < int(first):
        return None
    return _from(int(first), size if last is None else min(int(last) + 1, size), size)


def _from(start: int, end: int, size: int) -> Span:
    if start >= size:
        raise NotSatisfiable
    return Span(start, end)
