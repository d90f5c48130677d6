"""The log, read. Whatever comes back here is younger than the cutoff, always.

Expired rows stay in the table until the alarm removes them, and are never shown meanwhile. A row
whose content was taken has expired, whatever the cutoff: a retention that was made longer brings
nothing back. The ``floor`` (the first event that is not expired) is found, not stored: ``ts`` never
falls along ``seq`` and only the oldest rows are ever emptied or removed, so a binary search over the
primary key finds it in one statement, however long the log is. What was deleted in the middle has its row
still, which says so, and is no sign of a floor.

A log is read in two ways. Without a hole, as whoever follows it needs it: the changes too, though of those
only ``EVENTS_A_ROW`` for each row of the screen. Or its rows alone, each of which says what became of it.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from contextlib import closing
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    Connection,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal,
    literal_column,
    or_,
    select,
)

from chatapp.rooms.events import RoomEvent
from chatapp.rooms.messages.pages import CHANGES, EVENTS_A_ROW, PAGE_BYTES, bytes_of
from chatapp.store.log.told import EVENT, IS_TOLD, stored_event, told_events
from chatapp.store.models import EXPIRED, events, room_leases

NO_END = (1 << 63) - 1
_LONGEST_STEP = 1 << 40  # a log of 2^41 events is searched whole

_room: BindParameter[str] = bindparam("room")
_cutoff: BindParameter[int] = bindparam("cutoff")


def _floor_search(*is_kept: ColumnElement[bool]) -> Any:
    """Head, stream, floor and its ts: the floor is the first row that ``is_kept``.

    ``expired`` is the last seq known to be none such; each step halves what is left.
    """
    head = select(room_leases.c.last_seq).where(room_leases.c.room_id == _room).scalar_subquery()
    start = cast(bindparam("start"), BigInteger) - 1
    search = select(
        head.label("head"), start.label("expired"), literal(_LONGEST_STEP, BigInteger).label("step")
    ).cte("search", recursive=True)
    here = search.c.expired + search.c.step
    lives = (
        select(events.c.seq)
        .where(events.c.room_id == _room, events.c.seq == here, *is_kept)
        .scalar_subquery()
    )
    stays = or_(here > search.c.head, lives.is_not(None))
    next_step = select(search.c.head, case((stays, search.c.expired), else_=here), search.c.step // 2).where(
        search.c.step > 0
    )
    found = search.union_all(next_step)
    floor = found.c.expired + 1
    stream = select(room_leases.c.stream_id).where(room_leases.c.room_id == _room).scalar_subquery()
    # ``step`` 0 has seen all. A room that does not exist has no head, one without a lease no row.
    return (
        select(found.c.head, stream.label("stream"), floor.label("floor"), events.c.ts)
        .select_from(found.outerjoin(events, and_(events.c.room_id == _room, events.c.seq == floor)))
        .where(found.c.step == 0)
    )


_is_young = events.c.ts > _cutoff
_is_unexpired = events.c.gone != EXPIRED
FLOOR = _floor_search(_is_young, _is_unexpired)
ROW_FLOOR = _floor_search(_is_young)

_seq = events.c.seq
_between = (
    select(*EVENT)
    .where(events.c.room_id == _room, *IS_TOLD, _seq >= bindparam("low"), _seq <= bindparam("high"))
    .limit(bindparam("limit"))
)
_of_rows = and_(*(events.c.type != literal_column(f"'{type_}'") for type_ in sorted(CHANGES)))
FORWARD, BACKWARD = _between.order_by(_seq), _between.order_by(_seq.desc())
ROWS_FORWARD, ROWS_BACKWARD = FORWARD.where(_of_rows), BACKWARD.where(_of_rows)

ROWS_AFTER = select(func.count()).where(
    events.c.room_id == _room, _seq > bindparam("after"), *IS_TOLD, _of_rows
)


class Bounds(msgspec.Struct, frozen=True, kw_only=True):
    """Which log it is, where it ends and begins; ``floor`` is ``head + 1`` when nothing is left.

    ``floor_ts`` is the ts of the event at the floor.
    """

    stream_id: str
    head: int
    floor: int
    floor_ts: int | None


def bounds_of(
    connection: Connection, room_id: str, cutoff: int, *, start: int, query: Any = FLOOR
) -> Bounds | None:
    """The floor is looked for from ``start`` on. None: no such room."""
    row = connection.execute(query, {"room": room_id, "cutoff": cutoff, "start": start}).one()
    if row.head is None:
        return None
    floor = min(row.floor, row.head + 1)
    floor_ts = row.ts if floor <= row.head else None
    return Bounds(stream_id=row.stream, head=row.head, floor=floor, floor_ts=floor_ts)


class Rows(NamedTuple):
    """Some rows of the screen, oldest first; ``is_all``: in this direction there are no more."""

    events: list[RoomEvent]
    is_all: bool


class LogReader:
    """Reads from one log between two places, themselves included.

    Each reading is bounded in bytes too: fewer events than were asked for do not mean that there are no more.
    """

    def __init__(
        self, connection: Connection, room_id: str, cutoff: int, *, low: int = 0, high: int = NO_END
    ) -> None:
        self._connection = connection
        self._room_id = room_id
        self._cutoff = cutoff
        self._low = low
        self._high = high

    def forward(self, low: int, limit: int, within_bytes: int = PAGE_BYTES) -> list[RoomEvent]:
        """From ``low`` on without a hole, up to so many rows."""
        found = self._without_a_hole(FORWARD, max(low, self._low), self._high, limit)
        return self._told(found, limit, within_bytes).events

    def backward(self, high: int, limit: int, within_bytes: int = PAGE_BYTES) -> list[RoomEvent]:
        """So many rows, and whatever lies between them and ``high``; oldest first."""
        found = self._without_a_hole(BACKWARD, self._low, min(high, self._high), limit)
        return self._told(found, limit, within_bytes).events[::-1]

    def rows_forward(self, low: int, limit: int, within_bytes: int = PAGE_BYTES) -> Rows:
        found = self._stored(ROWS_FORWARD, max(low, self._low), self._high, limit)
        return self._told(found, limit, within_bytes)

    def rows_backward(self, high: int, limit: int, within_bytes: int = PAGE_BYTES) -> Rows:
        found = self._stored(ROWS_BACKWARD, self._low, min(high, self._high), limit)
        newest_first = self._told(found, limit, within_bytes)
        return Rows(newest_first.events[::-1], newest_first.is_all)

    def _told(self, found: Generator[RoomEvent], limit: int, within_bytes: int) -> Rows:
        with closing(found):
            stored = _first(found, limit, within_bytes)
        told = told_events(self._connection, self._room_id, stored.events, self._cutoff)
        if told is stored.events:
            return stored
        fitting = _first(told, limit, within_bytes)  # with what others say of them they are longer
        return Rows(fitting.events, stored.is_all and fitting.is_all)

    def _without_a_hole(self, query: Any, low: int, high: int, limit: int) -> Generator[RoomEvent]:
        """Where all are rows it is one statement; one more where changes lie between them."""
        read = changes = reached = 0
        for event in self._stored(query, low, high, limit):
            read, reached = read + 1, event.seq
            if event.type in CHANGES:
                changes += 1
            yield event
        if changes and read == limit:
            low, high = (reached + 1, high) if query is FORWARD else (low, reached - 1)
            yield from self._stored(query, low, high, EVENTS_A_ROW * limit - read)

    def _stored(self, query: Any, low: int, high: int, limit: int) -> Generator[RoomEvent]:
        asked = {"room": self._room_id, "low": low, "high": high, "limit": limit, "cutoff": self._cutoff}
        with self._connection.execute(query, asked) as found:
            yield from filter(None, map(stored_event, found))


def _first(found: Iterable[RoomEvent], limit: int, within_bytes: int) -> Rows:
    """The first of these up to so many rows, as far as they fit together, and in any case the very first."""
    events: list[RoomEvent] = []
    rows = 0
    for event in found:
        within_bytes -= bytes_of(event)
        if events and within_bytes < 0:
            return Rows(events, is_all=False)
        events.append(event)
        rows += event.type not in CHANGES
        if rows == limit:
            return Rows(events, is_all=False)
    return Rows(events, is_all=rows < limit)
