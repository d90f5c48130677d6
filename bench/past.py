"""What a database already holds when a clock starts: people, and rooms with their logs.

Written in the schema's own tables, past every check, because a million messages sent one by one
would take longer than everything that is measured. SQLite only, except for people.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from itertools import islice
from uuid import uuid4

import msgspec
from sqlalchemy import Connection, insert

from chatapp.identity.tokens import Tokens, new_parts
from chatapp.store.engine import open_database
from chatapp.store.migrations import upgrade
from chatapp.store.models import events, room_leases, rooms, users
from chatapp.store.users import TOKEN_TTL_MS

HOUR_MS = 3_600_000
_ROWS_AT_ONCE = 10_000
_CONTENT = '{"content":"sixty characters of small talk, neither more nor less in all"}'
_EVENT = f"INSERT INTO events ({', '.join(events.c.keys())}) VALUES ({', '.join('?' * len(events.c))})"  # noqa: S608 - our own schema


class PastRoom(msgspec.Struct, frozen=True, kw_only=True):
    """A room that sleeps, with so many messages, the last of which is so old."""

    room_id: str
    messages: int
    age_ms: int = 60_000


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
        with database.reading() as connection:
            connection.exec_driver_sql("PRAGMA synchronous = OFF")
        for chunk in _chunks(iter(past_rooms)):
            with database.writing() as connection:
                _write(connection, chunk)
        with database.reading() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        database.close()


def _chunks(past_rooms: Iterator[PastRoom]) -> Iterator[list[PastRoom]]:
    while chunk := list(islice(past_rooms, 1_000)):
        yield chunk


def _write(connection: Connection, chunk: list[PastRoom]) -> None:
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
    rows = (row for room in chunk for row in _log(room, ends[room.room_id]))
    while some := list(islice(rows, _ROWS_AT_ONCE)):
        connection.exec_driver_sql(_EVENT, some)


def _log(room: PastRoom, end: int) -> Iterator[tuple[object, ...]]:
    """In the order of the table's columns; a millisecond lies between two messages."""
    for seq in range(1, room.messages + 1):
        yield (
            room.room_id,
            seq,
            "message",
            f"{seq:026d}",
            "u_past",
            "Somebody",
            f"past-{seq}",
            end - room.messages + seq,
            1,
            _CONTENT,
            bytes(16),
        )


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
