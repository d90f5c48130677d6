"""How much of the log one answer may bring: so many rows of the screen, and not more than so many bytes.

A *row* is what stands on the screen, as a message does. A *change* is about one that stands there already:
an answer without holes brings changes along, and counts rows, so that twenty people with thumbs do not cost
everybody their page. It has a bound all the same.

Two hundred of the longest messages are megabytes. Who asks for a page gets what fits, at least one
event, and the answer says that there is more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from chatapp.rooms.events import RoomEvent

T = TypeVar("T")

CHANGES = frozenset({"edit", "delete", "react"})
EVENTS_A_ROW = 4
PAGE_BYTES = 524_288
_AROUND_A_BODY = 512  # names, ids and times on the wire


def fitting(events: Iterable[RoomEvent], within_bytes: int = PAGE_BYTES) -> list[RoomEvent]:
    """The first of these that fit together, and in any case the very first."""
    return first_within(within_bytes, events, bytes_of)


def is_row(event: RoomEvent) -> bool:
    return event.type not in CHANGES


def first_rows(limit: int, events: Iterable[RoomEvent]) -> list[RoomEvent]:
    """The first of these, in either direction, until they are so many rows, or four times as many events."""
    found: list[RoomEvent] = []
    rows, most = 0, limit * EVENTS_A_ROW
    for event in events:
        if rows == limit or len(found) == most:
            break
        found.append(event)
        rows += event.type not in CHANGES
    return found


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
