"""Databases as versions before have left them: rows written by the statements of their time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path

import msgspec
import psycopg
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, make_url, text

from chatapp.rooms.events import RoomEvent
from chatapp.store import migrations
from chatapp.store.database.engine import open_database
from chatapp.store.migrations import upgrade

HOUR = 3_600_000
NOW = 1_800_000_000_000

ROOMS = ["lobby", "a'b\"c", "日本 😀", "%s:name", "room\\", "é", "z" * 100]
NAMES = ["Ana", "𝒳é\u200d", "O'Neill; --", "a\\b\tc", ":line", "{", "two\nlines", "“q” %s"]
CONTENTS = ["hi", "\n\\\"'\t", "x" * 60_000, "😀\u2028\u00ad\x7f\x01", ":line %s {}", "{}", "ÿ", " "]
TAKEN = 3  # the oldest of each log, whose text the alarm has taken

OLD_EVENT = (
    "INSERT INTO events "
    "(room_id, seq, type, id, user_id, user_name, client_id, ts, epoch, body, content_hash) VALUES "
    "(:room_id, :seq, :type, :id, :user_id, :user_name, :client_id, :ts, :epoch, :body, :content_hash)"
)
OLD_ROWS = (
    "SELECT room_id, seq, type, id, user_id, user_name, client_id, ts, epoch, body FROM events "
    "ORDER BY room_id, seq"
)
_LEASE = "INSERT INTO room_leases VALUES (:room_id, :stream, NULL, 1, :last_seq, :last_at)"
_ROOM = "INSERT INTO rooms (room_id, created_at, visited_at) VALUES (:room_id, 1, :last_at)"
_NAME = "INSERT INTO room_names VALUES (:room_id, :likeness, :user_id, :at)"

_numbers = count(1)


def migrate(connection: Connection, direction: Callable[[Config, str], None], revision: str) -> None:
    config = configured()
    config.attributes["connection"] = connection
    direction(config, revision)


def configured() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.set_main_option("path_separator", "os")
    return config


def go_to(url: str, direction: Callable[[Config, str], None], revision: str) -> None:
    with closing(open_database(url)) as database, database.writing() as connection:
        if not database.is_sqlite:
            connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
        migrate(connection, direction, revision)


@contextmanager
def empty_postgresql(server: str) -> Iterator[str]:
    """A database of its own, because the one of all tests has a schema already."""
    name = f"old_{next(_numbers)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
        try:
            yield make_url(server).set(database=name).render_as_string(hide_password=False)
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def upgrade_at_once(url: str, *, seconds: float) -> list[BaseException]:
    """Three that start together, as many nodes would; with what they failed."""
    failures: list[BaseException] = []

    def start() -> None:
        try:
            upgrade(url)
        except BaseException as error:  # noqa: BLE001 - a thread has nobody to tell
            failures.append(error)

    threads = [threading.Thread(target=start) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=seconds)
    return failures


def said(room_id: str, seq: int, ts: int) -> RoomEvent:
    turn = ROOMS.index(room_id) + seq if room_id in ROOMS else seq
    return RoomEvent(
        room_id=room_id,
        seq=seq,
        type="message",
        id=f"{seq:026d}",
        ts=ts,
        user_id=f"u_{turn % 5}",
        user_name=NAMES[turn % len(NAMES)],
        client_id=f"client-{seq}",
        body=msgspec.json.encode({"content": CONTENTS[turn % len(CONTENTS)]}),
        content_hash=b"sixteen bytes..." if seq % 2 else bytes(range(240, 256)),
    )


def logs(rooms: Sequence[str] = ROOMS, length: int = 40, ends_at: int = NOW) -> list[RoomEvent]:
    """In each room one message an hour and a half, so that they lie in all periods."""
    return [
        said(room_id, seq, ends_at - (length - seq) * HOUR * 3 // 2)
        for room_id in rooms
        for seq in range(1, length + 1)
    ]


def fill(url: str, revision: str, events: Sequence[RoomEvent], *, taken: int = TAKEN) -> None:
    """Bring an empty database to this revision, and store these events as its code did."""
    go_to(url, command.upgrade, revision)
    last = {event.room_id: event for event in events}
    rooms = [
        {"room_id": e.room_id, "stream": f"s {e.room_id}", "last_seq": e.seq, "last_at": e.ts}
        for e in last.values()
    ]
    with closing(open_database(url)) as database, database.writing() as connection:
        connection.execute(text(_LEASE), rooms)
        connection.execute(text(_ROOM), rooms)
        connection.execute(text(OLD_EVENT), [_row(event, taken) for event in events])
        connection.exec_driver_sql(
            "INSERT INTO alarms (name, next_due, claimed_until, done_cutoff) VALUES ('cleanup', 0, 0, 0)"
        )


def store_names(url: str, names: Sequence[tuple[str, str, str]]) -> None:
    rows = [{"room_id": room, "likeness": like, "user_id": user, "at": NOW} for room, like, user in names]
    with closing(open_database(url)) as database, database.writing() as connection:
        connection.execute(text(_NAME), rows)


def old_rows(url: str) -> list[tuple[object, ...]]:
    with closing(open_database(url)) as database, database.reading() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(OLD_ROWS)]


def _row(event: RoomEvent, taken: int) -> dict[str, object]:
    row = {name: getattr(event, name) for name in event.__struct_fields__ if name != "body"}
    is_taken = event.seq <= taken
    return {
        **row,
        "epoch": 1,
        "user_name": "" if is_taken else event.user_name,
        "body": "" if is_taken else event.body.decode(),
    }
