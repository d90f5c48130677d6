"""How much of the log one answer may bring: so many events, and not more than so many bytes.

Two hundred of the longest messages are megabytes. Who asks for a page gets what fits, at least one
event, and the answer says that there is more.
"""

from __future__ import annotations

from collections.abc import Iterable

from chatapp.rooms.events import RoomEvent

PAGE_BYTES = 524_288
_AROUND_A_BODY = 512  # names, ids and times on the wire


def fitting(events: Iterable[RoomEvent], within_bytes: int = PAGE_BYTES) -> list[RoomEvent]:
    """The first of these that fit together, and in any case the very first."""
    fit: list[RoomEvent] = []
    for event in events:
        within_bytes -= bytes_of(event)
        if fit and within_bytes < 0:
            break
        fit.append(event)
    return fit


def bytes_of(event: RoomEvent) -> int:
    """About what it takes on the wire."""
    return len(event.body) + _AROUND_A_BODY
