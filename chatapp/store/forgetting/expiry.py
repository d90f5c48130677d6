"""What forgets: the statements of the alarm, each a small part of a transaction.

A log is shortened from its old end, along its primary key, so that what is left stays gapless and
the chat's own writes at the new end are never waited for. Everything that is deleted is checked
again by the statement that deletes it: what was touched meanwhile stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec
from sqlalchemy import (
    BindParameter,
    Column,
    ColumnElement,
    Connection,
    Table,
    Text,
    and_,
    bindparam,
    delete,
    exists,
    func,
    not_,
    or_,
    select,
    tuple_,
    update,
)

from chatapp.store.database.engine import Database
from chatapp.store.database.pages import pages_of_ids
from chatapp.store.database.sqlite import BUSY_TIMEOUT
from chatapp.store.leases import OWNER_LIVES
from chatapp.store.models import (
    DEAD,
    EXPIRED,
    events,
    mentions,
    nodes,
    reactions,
    read_cursors,
    revocations,
    room_leases,
    room_names,
    rooms,
    sessions,
    users,
)
from chatapp.store.people.sessions import NODE_LIVES

PAGE_ROWS = 1000
TRUNCATE_TIMEOUT = "PRAGMA busy_timeout = 20"

_before: BindParameter[int] = bindparam("before")
_after: BindParameter[str] = bindparam("after")

_first_seq = (
    select(func.min(events.c.seq))
    .where(events.c.room_id == room_leases.c.room_id)
    .correlate(room_leases)
    .scalar_subquery()
)
LOG_STARTS = (
    select(events.c.room_id, events.c.seq, events.c.ts)
    .join(room_leases, and_(events.c.room_id == room_leases.c.room_id, events.c.seq == _first_seq))
    .where(room_leases.c.room_id > _after)
    .order_by(room_leases.c.room_id)
    .limit(PAGE_ROWS)
)

_slice = and_(
    events.c.room_id == bindparam("room"), events.c.seq.between(bindparam("first"), bindparam("last"))
)
REMOVE = delete(events).where(_slice)
# The row stays for a while: a repeated client id is answered by it, but no more by what was said.
EMPTY = update(events).where(_slice, events.c.gone != EXPIRED).values(gone=EXPIRED, content_hash=b"")

AHEAD = select(func.count(), func.max(room_leases.c.last_at)).where(room_leases.c.last_at > _before)

_forgettable = (
    select(rooms.c.room_id)
    .where(rooms.c.room_id > _after, rooms.c.visited_at < _before)
    .order_by(rooms.c.room_id)
    .limit(PAGE_ROWS)
)
_these: BindParameter[Sequence[str]] = bindparam("these", expanding=True)
FORGET_LEASES = delete(room_leases).where(
    room_leases.c.room_id.in_(_these),
    or_(room_leases.c.owner_id.is_(None), ~OWNER_LIVES),
    ~exists().where(events.c.room_id == room_leases.c.room_id),
)
FORGET_ROOMS = delete(rooms).where(
    rooms.c.room_id.in_(_these), ~exists().where(room_leases.c.room_id == rooms.c.room_id)
)


class LogStart(msgspec.Struct, frozen=True, kw_only=True):
    """The oldest row of a room's log."""

    room_id: str
    seq: int
    ts: int


class LogSlice(msgspec.Struct, frozen=True, kw_only=True):
    """Some rows of one log, ``first`` and ``last`` included."""

    room_id: str
    first: int
    last: int

    @property
    def rows(self) -> int:
        return self.last - self.first + 1


def log_starts(database: Database) -> Iterator[LogStart]:
    """Every room that has a log, in order of their ids; reads a page at a time."""
    after = ""
    while True:
        with database.reading() as connection:
            page = connection.execute(LOG_STARTS, {"after": after}).all()
        yield from (LogStart(**row._mapping) for row in page)
        if len(page) < PAGE_ROWS:
            return
        after = page[-1].room_id


def rooms_ahead(database: Database, moment: int) -> tuple[int, int]:
    """How many rooms have a message from after that moment, and the time (ms) of the last of all."""
    with database.reading() as connection:
        rooms, last_at = connection.execute(AHEAD, {"before": moment}).one()
    return rooms, last_at or 0


def remove(connection: Connection, slices: Iterable[LogSlice]) -> int:
    return connection.execute(REMOVE, _bounds(slices)).rowcount


def empty(connection: Connection, slices: Iterable[LogSlice]) -> int:
    """Take the content, leave the row; what is empty already is not written again."""
    return connection.execute(EMPTY, _bounds(slices)).rowcount


def forgettable_rooms(database: Database, before: int) -> Iterator[list[str]]:
    """Rooms that nobody has visited since; pages of ids, of which ``forget`` keeps the living."""
    return pages_of_ids(database, _forgettable, before=before)


def forget(connection: Connection, room_ids: list[str]) -> int:
    """Remove those of these rooms that are empty and that no living node owns."""
    connection.execute(FORGET_LEASES, {"these": room_ids})
    return connection.execute(FORGET_ROOMS, {"these": room_ids}).rowcount


class Sweep:
    """Removes from one table what is over, walking along its primary key page by page."""

    def __init__(self, table: Table, is_over: ColumnElement[bool]) -> None:
        key = list(table.primary_key.columns)
        place = [bindparam(f"key_{column.name}", type_=column.type) for column in key]
        self.table = table
        self._key = key
        self._page = (
            select(*key, is_over.label("is_over"))
            .where(tuple_(*key) > tuple_(*place))
            .order_by(*key)
            .limit(PAGE_ROWS)
        )
        self._delete = delete(table).where(*(c == p for c, p in zip(key, place, strict=True)), is_over)

    def pages(self, database: Database, before: int) -> Iterator[list[dict[str, Any]]]:
        """The keys of what is over, to be handed to ``remove``."""
        place = {f"key_{column.name}": _lowest(column) for column in self._key}
        while True:
            with database.reading() as connection:
                page = connection.execute(self._page, {**place, "before": before}).all()
            keys = [{f"key_{c.name}": row._mapping[c.name] for c in self._key} for row in page]
            over = [key for key, row in zip(keys, page, strict=True) if row.is_over]
            if over:
                yield over
            if len(page) < PAGE_ROWS:
                return
            place = keys[-1]

    def remove(self, connection: Connection, keys: list[dict[str, Any]], before: int) -> int:
        return connection.execute(self._delete, [{**key, "before": before} for key in keys]).rowcount


# A session may be present and its node dead, in a room that has never woken since.
UNSEEN_SESSION = and_(sessions.c.seen_at <= _before, or_(not_(sessions.c.is_present), ~NODE_LIVES))
EXPIRED_REACTION = reactions.c.ts <= _before
EXPIRED_REACTIONS = Sweep(reactions, EXPIRED_REACTION)
NAMED_REACTIONS = select(exists().where(reactions.c.name != ""))
EXPIRED_USER = users.c.expires_at <= _before
UNSEEN_READ_CURSORS = Sweep(read_cursors, read_cursors.c.at <= _before)
EXPIRED_MENTIONS = Sweep(mentions, mentions.c.ts <= _before)
# Whoever owns a name is there, or has said something that is left; what was said first is as old as the row.
UNHELD_NAMES = Sweep(
    room_names,
    and_(
        room_names.c.at <= _before,
        ~exists().where(
            sessions.c.room_id == room_names.c.room_id,
            sessions.c.user_id == room_names.c.user_id,
            sessions.c.is_present,
        ),
        ~exists().where(
            events.c.room_id == room_names.c.room_id,
            events.c.user_id == room_names.c.user_id,
            events.c.client_id >= "",  # says which index: SQLite would look through the log of the room
            events.c.ts > _before,
        ),
    ),
)
DEAD_NODES = Sweep(nodes, and_(nodes.c.state == DEAD, nodes.c.lease_until <= _before))
OLD_REVOCATIONS = Sweep(revocations, revocations.c.at <= _before)


def truncate_wal(database: Database) -> bool:
    """Take what was deleted out of SQLite's write-ahead log too; False if a reader stands in the way.

    Who waits here holds the write lock: the chat's writer waits as well. Without waiting at all there is
    always some reader, in a chat that is busy.
    """
    with database.reading() as connection:
        connection.exec_driver_sql(TRUNCATE_TIMEOUT)
        try:
            is_busy, *_ = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
        finally:
            connection.exec_driver_sql(BUSY_TIMEOUT)
    return not is_busy


def _bounds(slices: Iterable[LogSlice]) -> list[dict[str, Any]]:
    return [
        {"room": log_slice.room_id, "first": log_slice.first, "last": log_slice.last} for log_slice in slices
    ]


def _lowest(column: Column[Any]) -> str | int:
    return "" if isinstance(column.type, Text) else 0
