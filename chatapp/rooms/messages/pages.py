"""How much of the log one answer may bring: so many events, and not more than so many bytes.

Two hundred of the longest messages are megabytes. Who asks for a page gets what fits, at least one
event, and the answer says that there is more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from chatapp.rooms.events import RoomEvent

T = TypeVar("T")

PAGE_BYTES = 524_288
_AROUND_A_BODY = 512  # names, ids and times on the wire


def fitting(events: Iterable[RoomEvent], within_bytes: int = PAGE_BYTES) -> list[RoomEvent]:
    """The first of these that fit together, and in any case the very first."""
    return first_within(within_bytes, events, bytes_of)


def first_within(size: int, items: Iterable[T], size_of: Callable[[T], int]) -> list[T]:
    """The first of these that are no larger together; one at least, if there is one."""
    fit: list[T] = []
    for item in items:
        size -= size_of(item)
        if fit and size < 0:
            break
        fit.append(item)
    return fit


def bytes_of(event: RoomEvent) -> int:
    """About what it takes on the wire."""
    return len(event.body) + _AROUND_A_BODY
