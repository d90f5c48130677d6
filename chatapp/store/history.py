"""The log, read. Whatever comes back here is younger than the cutoff, always.

Expired rows stay in the table until the alarm removes them, and are never shown meanwhile. A row
whose content was taken has expired, whatever the cutoff: a retention that was made longer brings
nothing back. The ``floor`` (the first event that is not expired) is found, not stored: ``ts`` never
falls along ``seq`` and only the oldest rows are ever emptied or removed, so a binary search over the
primary key finds it in one statement, however long the log is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    and_,
    bindparam,
    case,
    cast,
    literal,
    or_,
    select,
)
from sqlalchemy.sql import ClauseElement, FromClause
from sqlalchemy.types import BigInteger, Text

from chatapp.errors import RoomNotFound
from chatapp.rooms.aspect import Question
from chatapp.rooms.events import Record, RoomEvent
from chatapp.rooms.messages.pages import PAGE_BYTES, bytes_of, fitting
from chatapp.rooms.messages.recent_ids import Known, KnownIds
from chatapp.rooms.messages.recovery import Range
from chatapp.rooms.messages.tail import Floor, Newest
from chatapp.store.bulk import Columns, Row, bulk
from chatapp.store.engine import Database
from chatapp.store.models import EXPIRED, LIVING, events, room_leases
from chatapp.store.parts import Reader, Writer
from chatapp.store.texts import WORDS, unpacked

_LONGEST_STEP = 1 << 40  # a log of 2^41 events is searched whole

_room: BindParameter[str] = bindparam("room")
_cutoff: BindParameter[int] = bindparam("cutoff")
_log = events.c
_seq = _log.seq

HEADS = select(room_leases.c.room_id, room_leases.c.last_seq).where(
    room_leases.c.room_id.in_(bindparam("rooms", expanding=True))
)

_CLIENT_IDS: Columns = {"room": Text(), "person": Text(), "said": Text()}


def _known_ids(asked: FromClause) -> ClauseElement:
    """Which of these (room, user, client id) the log has, and as what.

    Ignores expiry: a repeated client id is answered as long as its row lives. A join, because SQLite
    looks through the whole log for a tuple that is ``IN`` a list.
    """
    here, wanted = events.c, asked.c
    return select(
        here.room_id, here.user_id, here.client_id, here.seq, here.id, here.ts, here.content_hash
    ).join_from(
        asked,
        events,
        and_(here.room_id == wanted.room, here.user_id == wanted.person, here.client_id == wanted.said),
    )


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
    lives = select(_seq).where(events.c.room_id == _room, _seq == here, *is_kept).scalar_subquery()
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
        .select_from(found.outerjoin(events, and_(events.c.room_id == _room, _seq == floor)))
        .where(found.c.step == 0)
    )


_is_young = events.c.ts > _cutoff
_is_unexpired = events.c.gone != EXPIRED
FLOOR = _floor_search(_is_young, _is_unexpired)
ROW_FLOOR = _floor_search(_is_young)

EVENT = (
    *(_log.room_id, _log.seq, _log.type, _log.id, _log.ts),
    *(_log.user_id, _log.client_id, _log.content_hash, WORDS),
)
_rows = select(*EVENT).where(events.c.room_id == _room, _is_young, events.c.gone == LIVING)
AT = _rows.where(events.c.type == "message", _seq.in_(bindparam("seqs", expanding=True))).order_by(
    _seq.desc()
)
FORWARD = (
    _rows.where(_seq >= bindparam("low"), _seq <= bindparam("high")).order_by(_seq).limit(bindparam("limit"))
)
BACKWARD = (
    _rows.where(_seq >= bindparam("low"), _seq <= bindparam("high"))
    .order_by(_seq.desc())
    .limit(bindparam("limit"))
)


class Bounds(msgspec.Struct, frozen=True, kw_only=True):
    """Which log it is, where it ends and begins; ``floor`` is ``head + 1`` when nothing is left.

    ``floor_ts`` is the ts of the event at the floor.
    """

    stream_id: str
    head: int
    floor: int
    floor_ts: int | None


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """Some events, oldest first, and where they stand in which log.

    ``first`` and ``last`` bound the range that is covered; both are None when nothing is there.
    """

    events: Sequence[RoomEvent]
    first: int | None
    last: int | None
    stream_id: str
    head: int
    floor: int
    more_before: bool
    more_after: bool


class History:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._known = bulk(database, _CLIENT_IDS, _known_ids)
        self.readers: dict[type[Question], Reader] = {
            KnownIds: lambda room_id, asked: self.lookup(room_id, asked.keys),
            Range: self.range,
            Newest: lambda room_id, asked: self.tail(room_id, asked.limit, asked.cutoff),
            Floor: self._floor,
        }
        self.writers: dict[type[Record], Writer] = {}  # events are the journal's own

    def page(
        self,
        room_id: str,
        *,
        limit: int,
        cutoff: int,
        before: int | None = None,
        after: int | None = None,
        around: int | None = None,
    ) -> Page:
        """At most one of ``before``, ``after``, ``around``; none: the newest. Raises ``RoomNotFound``.

        It is bounded in bytes too: fewer than ``limit`` do not mean that there are no more.
        """
        with self._database.reading() as connection:
            bounds = self._bounds(connection, room_id, cutoff, start=1)
            if bounds is None:
                raise RoomNotFound
            read = _Reader(connection, room_id, cutoff, bounds)
            if after is not None:
                found = read.forward(after + 1, limit)
            elif around is not None:
                found = read.around(around, limit)
            else:
                found = read.backward(bounds.head if before is None else before - 1, limit)
        return _page(found, bounds)

    def bounds(self, room_id: str, cutoff: int, *, start: int = 1) -> Bounds | None:
        """Head and floor; the floor is looked for from ``start`` on. None: no such room."""
        with self._database.reading() as connection:
            return self._bounds(connection, room_id, cutoff, start=start)

    def row_bounds(self, room_id: str, cutoff: int, *, start: int = 1) -> Bounds | None:
        """As ``bounds``, of the rows themselves, whether or not their content was taken."""
        with self._database.reading() as connection:
            return self._bounds(connection, room_id, cutoff, start=start, query=ROW_FLOOR)

    def tail(self, room_id: str, limit: int, cutoff: int) -> list[RoomEvent]:
        """The newest events, oldest first."""
        return self._between(BACKWARD, room_id, 0, limit, cutoff)[::-1]

    def range(self, room_id: str, wanted: Range) -> list[RoomEvent]:
        return self._between(FORWARD, room_id, wanted.after + 1, wanted.limit, wanted.cutoff)

    def messages_at(self, room_id: str, seqs: Sequence[int], cutoff: int) -> list[RoomEvent]:
        """Those of these that still live, newest first."""
        if not seqs:
            return []
        asked = {"room": room_id, "seqs": seqs, "cutoff": cutoff}
        with self._database.reading() as connection, connection.execute(AT, asked) as rows:
            return list(stored_events(rows))

    def _floor(self, room_id: str, asked: Floor) -> tuple[int, int] | None:
        bounds = self.bounds(room_id, asked.cutoff, start=asked.start)
        if bounds is None or bounds.floor_ts is None:
            return None
        return bounds.floor, bounds.floor_ts

    def lookup(self, room_id: str, ids: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Known]:
        """What the log has of these (user_id, client_id), expired or not."""
        rows = self._look_up([(room_id, user_id, client_id) for user_id, client_id in ids])
        return {
            (user_id, client_id): Known(seq=seq, id=id_, ts=ts, content_hash=content_hash)
            for _, user_id, client_id, seq, id_, ts, content_hash in rows
        }

    def rooms_that_know(self, ids: Sequence[tuple[str, str, str]]) -> set[str]:
        """The rooms whose logs have one of these (room_id, user_id, client_id), expired or not."""
        return {room_id for room_id, *_ in self._look_up(ids)}

    def _look_up(self, ids: Sequence[tuple[str, str, str]]) -> Sequence[Row]:
        if not ids:
            return ()
        with self._database.reading() as connection:
            return self._known.execute(connection, ids)

    def heads(self, room_ids: Iterable[str]) -> Mapping[str, int]:
        """The newest seq of each of these rooms that exists."""
        with self._database.reading() as connection:
            rows = connection.execute(HEADS, {"rooms": list(room_ids)})
            return {row.room_id: row.last_seq for row in rows}

    def _between(self, query: Any, room_id: str, low: int, limit: int, cutoff: int) -> list[RoomEvent]:
        with self._database.reading() as connection:
            asked = _asked(room_id, low, _NO_END, limit, cutoff)
            return list(stored_events(connection.execute(query, asked)))

    def _bounds(
        self, connection: Connection, room_id: str, cutoff: int, *, start: int, query: Any = FLOOR
    ) -> Bounds | None:
        row = connection.execute(query, {"room": room_id, "cutoff": cutoff, "start": start}).one()
        if row.head is None:
            return None
        floor = min(row.floor, row.head + 1)
        floor_ts = row.ts if floor <= row.head else None
        return Bounds(stream_id=row.stream, head=row.head, floor=floor, floor_ts=floor_ts)


_NO_END = (1 << 63) - 1


class _Reader:
    """Reads from one log, between its floor and its head as they were found."""

    def __init__(self, connection: Connection, room_id: str, cutoff: int, bounds: Bounds) -> None:
        self._connection = connection
        self._room_id = room_id
        self._cutoff = cutoff
        self._bounds = bounds

    def forward(self, low: int, limit: int, within_bytes: int = PAGE_BYTES) -> list[RoomEvent]:
        return self._rows(FORWARD, max(low, self._bounds.floor), self._bounds.head, limit, within_bytes)

    def backward(self, high: int, limit: int, within_bytes: int = PAGE_BYTES) -> list[RoomEvent]:
        low, high = self._bounds.floor, min(high, self._bounds.head)
        return self._rows(BACKWARD, low, high, limit, within_bytes)[::-1]

    def around(self, seq: int, limit: int) -> list[RoomEvent]:
        """Half of the page up to and with ``seq``, the rest after it."""
        older = self.backward(seq, limit - limit // 2, PAGE_BYTES // 2)
        left = PAGE_BYTES - sum(map(bytes_of, older))
        return older + self.forward(max(seq, self._bounds.floor - 1) + 1, limit - len(older), left)

    def _rows(self, query: Any, low: int, high: int, limit: int, within_bytes: int) -> list[RoomEvent]:
        asked = _asked(self._room_id, low, high, limit, self._cutoff)
        with self._connection.execute(query, asked) as rows:
            return fitting(stored_events(rows), within_bytes)


def _asked(room_id: str, low: int, high: int, limit: int, cutoff: int) -> dict[str, Any]:
    return {"room": room_id, "low": low, "high": high, "limit": limit, "cutoff": cutoff}


def _page(found: list[RoomEvent], bounds: Bounds) -> Page:
    first = found[0].seq if found else None
    last = found[-1].seq if found else None
    return Page(
        events=found,
        first=first,
        last=last,
        stream_id=bounds.stream_id,
        head=bounds.head,
        floor=bounds.floor,
        more_before=first is not None and first > bounds.floor,
        more_after=last is not None and last < bounds.head,
    )


def stored_events(rows: Iterable[Any]) -> Iterator[RoomEvent]:
    """Rows of ``EVENT``, and perhaps more. What is being taken at this moment is gone."""
    for row in rows:
        if isinstance(row.words, str):
            name, body = unpacked(row.words)
            yield RoomEvent(
                room_id=row.room_id,
                seq=row.seq,
                type=row.type,
                id=row.id,
                ts=row.ts,
                user_id=row.user_id,
                user_name=name,
                client_id=row.client_id,
                body=body,
                content_hash=bytes(row.content_hash),
            )
