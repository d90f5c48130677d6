"""What a database already holds when a clock starts: people, and rooms with their logs.

Written in the schema's own tables, past every check, because a million messages sent one by one
would take longer than everything that is measured.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby, islice
from uuid import uuid4

import msgspec
from sqlalchemy import Connection, insert, select, update

from chatapp.identity.tokens import Tokens, new_parts
from chatapp.rooms.events import RoomEvent
from chatapp.rooms.messages import bodies
from chatapp.store.database.engine import DAY_MS, Database, open_database
from chatapp.store.log.texts import period_of, ring
from chatapp.store.migrations import upgrade
from chatapp.store.models import events, reactions, room_leases, rooms, users
from chatapp.store.people.users import TOKEN_TTL_MS

HOUR_MS = 3_600_000
CONTENT = "sixty characters of small talk, neither more nor less in all"
_ROWS_AT_ONCE = 10_000


class PastRoom(msgspec.Struct, frozen=True, kw_only=True):
    """A room that sleeps, with so many messages, the last of which is so old.

    They say these contents in turn, which hold nothing that JSON escapes. ``reactions`` are what each of them
    has: as many people for each emoji.
    """

    room_id: str
    messages: int
    age_ms: int = 60_000
    contents: Sequence[str] = (CONTENT,)
    reactions: Mapping[str, int] = msgspec.field(default_factory=dict)


def add_guests(database_url: str, secret_key: str, count: int) -> list[str]:
    """So many people; their tokens."""
    tokens, now = Tokens(secret_key), _now_ms()
    parts = [new_parts() for _ in range(count)]
    rows = [
        {
            "user_id": one.user_id,
            "name": f"Guest {number}",
            "token_id": one.token_id,
            "created_at": now,
            "last_used_at": now,
            "expires_at": now + TOKEN_TTL_MS,
        }
        for number, one in enumerate(parts)
    ]
    database = open_database(database_url)
    try:
        with database.writing() as connection:
            connection.execute(insert(users), rows)
    finally:
        database.close()
    return [tokens.issue(one) for one in parts]


def add_rooms(database_url: str, past_rooms: Iterable[PastRoom]) -> None:
    """Before the node starts; what is written here need not survive a power cut."""
    upgrade(database_url)
    database = open_database(database_url)
    try:
        _tune(database, "PRAGMA synchronous = OFF")
        log = PastLog(database)
        for chunk in _chunks(iter(past_rooms)):
            with database.writing() as connection:
                _write(connection, log, chunk)
                for room in chunk:
                    _react(connection, room)
        _tune(database, "PRAGMA wal_checkpoint(TRUNCATE)")
        if not database.is_sqlite:
            with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.exec_driver_sql("ANALYZE")
    finally:
        database.close()


def _tune(database: Database, pragma: str) -> None:
    if database.is_sqlite:
        with database.reading() as connection:
            connection.exec_driver_sql(pragma)


def _chunks(past_rooms: Iterator[PastRoom]) -> Iterator[list[PastRoom]]:
    while chunk := list(islice(past_rooms, 1_000)):
        yield chunk


def _write(connection: Connection, log: PastLog, chunk: list[PastRoom]) -> None:
    now = _now_ms()
    ends = {room.room_id: now - room.age_ms for room in chunk}
    leases = [
        {
            "room_id": room.room_id,
            "stream_id": str(uuid4()),
            "epoch": 1,
            "last_seq": room.messages,
            "last_at": ends[room.room_id],
        }
        for room in chunk
    ]
    connection.execute(insert(room_leases), leases)
    visits = [{"room_id": room_id, "created_at": at, "visited_at": at} for room_id, at in ends.items()]
    connection.execute(insert(rooms), visits)
    said = (event for room in chunk for event in _said(room, ends[room.room_id]))
    while some := list(islice(said, _ROWS_AT_ONCE)):
        log.append(connection, some)


def _react(connection: Connection, room: PastRoom) -> None:
    """Each message was changed last by an event that nobody reads: its place is that of the message."""
    if not room.reactions:
        return
    people = [(emoji, number) for emoji, count in room.reactions.items() for number in range(count)]
    times = connection.execute(
        select(events.c.seq, events.c.ts).where(events.c.room_id == room.room_id)
    ).all()
    for first in range(0, len(times), _ROWS_AT_ONCE // 10):
        rows = [
            {
                "room_id": room.room_id,
                "target": seq,
                "emoji": emoji,
                "user_id": f"u_past-{number}",
                "name": "",
                "seq": seq,
                "ts": ts,
            }
            for seq, ts in times[first : first + _ROWS_AT_ONCE // 10]
            for emoji, number in people
        ]
        connection.execute(insert(reactions), rows)
    told = bodies.counted(room.reactions) or b""
    touched = update(events).where(events.c.room_id == room.room_id)
    connection.execute(touched.values(rev=events.c.seq, counts=told.decode(), counts_rev=events.c.seq))


def _said(room: PastRoom, end: int) -> Iterator[RoomEvent]:
    """A millisecond lies between two messages."""
    for seq in range(1, room.messages + 1):
        yield past_message(
            room.room_id, seq, ts=end - room.messages + seq, content=room.contents[seq % len(room.contents)]
        )


class PastLog:
    """Appends what was said long ago where it would stand, had it been said then."""

    def __init__(self, database: Database) -> None:
        self._ring = ring(database, DAY_MS)

    def append(self, connection: Connection, said: Iterable[RoomEvent]) -> None:
        for _, of_a_period in groupby(said, lambda event: period_of(event.ts, DAY_MS)):
            self._ring.append(connection, [(event, 1) for event in of_a_period])


def past_message(room_id: str, seq: int, *, ts: int, content: str) -> RoomEvent:
    return RoomEvent(
        room_id=room_id,
        seq=seq,
        type="message",
        id=f"{seq:026d}",
        ts=ts,
        user_id="u_past",
        user_name="Somebody",
        client_id=f"past-{seq}",
        body=f'{{"content":"{content}"}}'.encode(),
        content_hash=bytes(16),
    )


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
