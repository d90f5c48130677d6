"""Rooms with a past: messages of any age, written into the database before anybody looks."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import partial
from random import Random
from uuid import uuid4

from sqlalchemy import delete, func, insert, select

from bench.past import PastLog, past_message
from chatapp.store.database.engine import open_database
from chatapp.store.models import alarms, events, room_leases, rooms
from faults.remains import MARKER_BYTES, marked

HOUR_MS = 3_600_000
_ROWS_AT_ONCE = 5_000


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def add_room(database_url: str, room_id: str, ages_ms: Sequence[int], *, text: str = "") -> str:
    """A sleeping room, with a message of each age, the oldest first; its stream.

    ``text`` is added to each.
    """
    now, stream = now_ms(), str(uuid4())
    mark = partial(marked, 2 * MARKER_BYTES, Random())
    said = [
        past_message(room_id, seq, ts=now - age, content=f"number {seq}{text} {mark()}")
        for seq, age in enumerate(ages_ms, 1)
    ]
    lease = {
        "room_id": room_id,
        "stream_id": stream,
        "epoch": 1,
        "last_seq": len(said),
        "last_at": said[-1].ts if said else 0,
    }
    database = open_database(database_url)
    try:
        with database.writing() as connection:
            connection.execute(insert(room_leases), lease)
            connection.execute(insert(rooms), {"room_id": room_id, "created_at": now, "visited_at": now})
        log = PastLog(database)
        for first in range(0, len(said), _ROWS_AT_ONCE):
            with database.writing() as connection:
                log.append(connection, said[first : first + _ROWS_AT_ONCE])
    finally:
        database.close()
    return stream


def set_alarm(database_url: str, *, due_hours_ago: float, done_hours_ago: float) -> None:
    """As if the cleanup had last finished so long ago, and been due since then."""
    row = {
        "name": "cleanup",
        "next_due": now_ms() - int(due_hours_ago * HOUR_MS),
        "claimed_until": 0,
        "done_cutoff": now_ms() - int((24 + done_hours_ago) * HOUR_MS),
    }
    database = open_database(database_url)
    try:
        with database.writing() as connection:
            connection.execute(delete(alarms).where(alarms.c.name == row["name"]))
            connection.execute(insert(alarms), row)
    finally:
        database.close()


def count(database_url: str, *, older_than_ms: int = 0) -> int:
    """How many messages there are of this age or older."""
    database = open_database(database_url)
    try:
        with database.reading() as connection:
            asked = select(func.count()).select_from(events).where(events.c.ts <= now_ms() - older_than_ms)
            return connection.scalar(asked) or 0
    finally:
        database.close()
