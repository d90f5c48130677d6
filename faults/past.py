"""Rooms with a past: messages of any age, written into the database before anybody looks."""

from __future__ import annotations

import time
from collections.abc import Sequence
from uuid import uuid4

from sqlalchemy import delete, func, insert, select

from chatapp.store.engine import open_database
from chatapp.store.models import alarms, events, room_leases, rooms

HOUR_MS = 3_600_000
_ROWS_AT_ONCE = 5_000


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def add_room(database_url: str, room_id: str, ages_ms: Sequence[int], *, text: str = "") -> str:
    """A sleeping room, with a message of each age, the oldest first; its stream.

    ``text`` is added to each.
    """
    now, stream = now_ms(), str(uuid4())
    rows = [
        {
            "room_id": room_id,
            "seq": seq,
            "type": "message",
            "id": f"{seq:026d}",
            "user_id": "u_past",
            "user_name": "Somebody",
            "client_id": f"past-{seq}",
            "ts": now - age,
            "epoch": 1,
            "body": f'{{"content":"number {seq}{text}"}}',
            "content_hash": bytes(16),
        }
        for seq, age in enumerate(ages_ms, 1)
    ]
    lease = {
        "room_id": room_id,
        "stream_id": stream,
        "epoch": 1,
        "last_seq": len(rows),
        "last_at": rows[-1]["ts"] if rows else 0,
    }
    database = open_database(database_url)
    try:
        with database.writing() as connection:
            connection.execute(insert(room_leases), lease)
            connection.execute(insert(rooms), {"room_id": room_id, "created_at": now, "visited_at": now})
        for first in range(0, len(rows), _ROWS_AT_ONCE):
            with database.writing() as connection:
                connection.execute(insert(events), rows[first : first + _ROWS_AT_ONCE])
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
            connection.execute(delete(alarms))
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
