"""History: pages of a log, and what else is asked of it. How it is read is ``chatapp.store.log.log``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from operator import attrgetter

import msgspec
from sqlalchemy import Text, and_, bindparam, select
from sqlalchemy.sql import ClauseElement, FromClause

from chatapp.errors import RoomNotFound
from chatapp.rooms.aspect import Question
from chatapp.rooms.events import Record, RoomEvent
from chatapp.rooms.messages.bodies import is_deleted
from chatapp.rooms.messages.pages import PAGE_BYTES, bytes_of
from chatapp.rooms.messages.recent_ids import Known, KnownIds
from chatapp.rooms.messages.recovery import Range, RowsAfter
from chatapp.rooms.messages.tail import Floor, Newest
from chatapp.store.database.bulk import Columns, Row, bulk
from chatapp.store.database.engine import Database
from chatapp.store.log.log import NO_END, ROW_FLOOR, ROWS_AFTER, Bounds, LogReader, bounds_of
from chatapp.store.log.told import events_at
from chatapp.store.models import events, room_leases
from chatapp.store.parts import Reader, Writer

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


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """Some events, oldest first, and where they stand in which log.

    ``first`` and ``last`` bound the range that is covered; both are None when nothing is there. Where rows
    alone were asked for, the range may be wider than they are.
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
            RowsAfter: self.rows_after,
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

        ``before`` and ``around`` bring rows alone, the others changes too: ``limit`` counts rows.
        It is bounded in bytes too: fewer than ``limit`` do not mean that there are no more.
        """
        with self._database.reading() as connection:
            bounds = bounds_of(connection, room_id, cutoff, start=1)
            if bounds is None:
                raise RoomNotFound
            read = LogReader(connection, room_id, cutoff, low=bounds.floor, high=bounds.head)
            if before is not None:
                return _page_before(read, before, limit, bounds)
            if around is not None:
                return _page_around(read, around, limit, bounds)
            found = read.backward(NO_END, limit) if after is None else read.forward(after + 1, limit)
        covered = (found[0].seq, found[-1].seq) if found else None
        return _page(found, covered, bounds)

    def bounds(self, room_id: str, cutoff: int, *, start: int = 1) -> Bounds | None:
        """Head and floor; the floor is looked for from ``start`` on. None: no such room."""
        with self._database.reading() as connection:
            return bounds_of(connection, room_id, cutoff, start=start)

    def row_bounds(self, room_id: str, cutoff: int, *, start: int = 1) -> Bounds | None:
        """As ``bounds``, of the rows themselves, whether or not their content was taken."""
        with self._database.reading() as connection:
            return bounds_of(connection, room_id, cutoff, start=start, query=ROW_FLOOR)

    def tail(self, room_id: str, limit: int, cutoff: int) -> list[RoomEvent]:
        """So many of the newest rows with whatever lies between them and the head, oldest first."""
        with self._database.reading() as connection:
            return LogReader(connection, room_id, cutoff).backward(NO_END, limit, within_bytes=NO_END)

    def range(self, room_id: str, wanted: Range) -> list[RoomEvent]:
        with self._database.reading() as connection:
            read = LogReader(connection, room_id, wanted.cutoff)
            return read.forward(wanted.after + 1, wanted.limit, within_bytes=NO_END)

    def rows_after(self, room_id: str, asked: RowsAfter) -> int:
        with self._database.reading() as connection:
            bound = {"room": room_id, "after": asked.after, "cutoff": asked.cutoff}
            return connection.execute(ROWS_AFTER, bound).scalar_one()

    def messages_at(self, room_id: str, seqs: Sequence[int], cutoff: int) -> list[RoomEvent]:
        """Those of these that still live, newest first."""
        if not seqs:
            return []
        with self._database.reading() as connection:
            found = events_at(connection, room_id, seqs, cutoff)
        living = (each for each in found if each.type == "message" and not is_deleted(each.body))
        return sorted(living, key=attrgetter("seq"), reverse=True)

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


def _page_before(read: LogReader, before: int, limit: int, bounds: Bounds) -> Page:
    found, is_all = read.rows_backward(before - 1, limit)
    low = bounds.floor if is_all else found[0].seq
    return _page(found, (low, min(before - 1, bounds.head)), bounds)


def _page_around(read: LogReader, seq: int, limit: int, bounds: Bounds) -> Page:
    """Half of the page up to and with ``seq``, the rest after it."""
    older, is_all_older = read.rows_backward(seq, limit - limit // 2, PAGE_BYTES // 2)
    left = PAGE_BYTES - sum(map(bytes_of, older))
    middle = min(max(seq, bounds.floor - 1), bounds.head)
    newer, is_all_newer = read.rows_forward(middle + 1, limit - len(older), left)
    low = bounds.floor if is_all_older else older[0].seq
    high = bounds.head if is_all_newer else (newer[-1].seq if newer else middle)
    return _page(older + newer, (low, high), bounds)


def _page(found: list[RoomEvent], covered: tuple[int, int] | None, bounds: Bounds) -> Page:
    first, last = covered if covered and covered[0] <= covered[1] else (None, None)
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
