"""From messages that stay as they are to such as change, and back: with a database as it was left."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import closing, contextmanager

import msgspec
import pytest
from alembic import command
from sqlalchemy import inspect, text

from chatapp.rooms.events import RoomEvent
from chatapp.store.database.engine import open_database
from chatapp.store.migrations import has_schema, upgrade
from tests.contracts.changed import ChangingRoom
from tests.contracts.old_schema import ROOMS, fill, go_to, logs
from tests.contracts.test_texts_migration import assert_all_is_there
from tests.contracts.worlds import DatabaseWorld
from tests.forked import Ordered

pytestmark = pytest.mark.slow

ROWS = (
    "SELECT room_id, seq, type, id, user_id, client_id, ts, content_hash, period, text_id, gone FROM events "
    "ORDER BY room_id, seq"
)
LOG = text("SELECT seq, type, gone, period, text_id FROM events ORDER BY seq")


def filled(url: str, revision: str = "0003") -> list[RoomEvent]:
    expected = logs()
    fill(url, "0002", expected)
    go_to(url, command.upgrade, revision)
    return expected


@contextmanager
def world_of(url: str) -> Iterator[DatabaseWorld]:
    with closing(DatabaseWorld(url)) as world:
        yield world


def rows_of(url: str) -> list[tuple[object, ...]]:
    with closing(open_database(url)) as database, database.reading() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(ROWS)]


def test_nothing_that_is_there_is_touched(empty_url: str) -> None:
    """Up, down, and up again."""
    expected = filled(empty_url)
    before = rows_of(empty_url)

    upgrade(empty_url)
    assert rows_of(empty_url) == before
    assert_all_is_there(empty_url, expected)
    go_to(empty_url, command.downgrade, "0003")
    assert rows_of(empty_url) == before
    upgrade(empty_url)
    assert_all_is_there(empty_url, expected)


def test_what_was_said_before_can_be_changed(empty_url: str) -> None:
    expected = filled(empty_url)
    upgrade(empty_url)

    with world_of(empty_url) as world:
        for room_id in ROOMS:
            room = ChangingRoom(world, room_id)
            room.head = 40
            edited, deleted = (e for e in expected if e.room_id == room_id and e.seq in (10, 11))
            batch = room.batch()
            batch.edit(edited, "hello")
            batch.delete(deleted)
            batch.react(edited, "👍", "Ben")
            room.commit(batch)
            assert room.body(10)["content"] == "hello"
            assert room.body(10)["reactions"] == [{"emoji": "👍", "count": 1}]
            assert "deleted" in room.body(11)


def test_code_of_before_finds_every_log_without_a_hole(empty_url: str) -> None:
    """What was deleted is a message without content, and keeps its author; changes are left as they are."""
    upgrade(empty_url)
    with world_of(empty_url) as world:
        room = ChangingRoom(world)
        said = room.say(*(f"words {n}" for n in range(1200)))
        batch = room.batch()
        for each in said[:1100]:
            batch.delete(each)
        batch.edit(said[1100], "other words")
        batch.react(said[1101], "👍", "Ben")
        room.commit(batch)
        room.do("say", "yes", answers=said[1102])

    go_to(empty_url, command.downgrade, "0003")

    with closing(open_database(empty_url)) as database, database.reading() as connection:
        tables = inspect(connection).get_table_names()
        columns = {column["name"] for column in inspect(connection).get_columns("events")}
        found = connection.execute(LOG).all()
        (period,) = {row.period for row in found}
        in_ring = connection.exec_driver_sql(f"SELECT n, words FROM texts_{period}")
        words: dict[int, str] = {row.n: row.words for row in in_ring}
    bodies = {row.seq: msgspec.json.decode(words[row.text_id].partition("\n")[2]) for row in found}
    assert ("reactions" in tables, columns & {"rev", "target"}) == (False, set())
    assert [(row.seq, row.gone) for row in found] == [(seq, 0) for seq in range(1, 2304)]
    assert {str(bodies[seq]) for seq in range(1, 1101)} == {"{'content': ''}"}
    assert {words[row.text_id].partition("\n")[0] for row in found[:1100]} == {"Ana"}
    assert bodies[1101]["content"] == "other words"
    assert bodies[2303]["content"] == "yes"
    assert [row.type for row in found[1200:2302]] == ["delete"] * 1100 + ["edit", "react"]


PLACES = [
    "ALTER TABLE events ADD COLUMN rev",
    "ALTER TABLE events ADD COLUMN target",
    "CREATE TABLE reactions",
    "UPDATE alembic_version",
]


@pytest.mark.parametrize("place", PLACES)
def test_an_upgrade_that_is_killed_is_done_by_the_next_start(
    empty_url: str, dying_upgrades: Ordered, place: str
) -> None:
    expected = filled(empty_url)
    before = rows_of(empty_url)

    ended = dying_upgrades.order({"url": empty_url, "statement": place})

    assert ended == -signal.SIGKILL
    assert rows_of(empty_url) == before
    assert not has_schema(empty_url)
    with closing(open_database(empty_url)) as database, database.reading() as connection:
        assert "reactions" not in inspect(connection).get_table_names()
    upgrade(empty_url)
    assert_all_is_there(empty_url, expected)


def test_who_reacted_before_reactions_were_counted_keeps_their_name_and_others_get_one(
    empty_url: str,
) -> None:
    """Up: a row with a name and no counts. Down: whom an event has named, the row does again."""
    expected = filled(empty_url, "0005")
    said = next(event for event in expected if event.room_id == ROOMS[0] and event.seq == 10)
    with closing(open_database(empty_url)) as database, database.writing() as connection:
        connection.execute(
            text(
                "INSERT INTO reactions (room_id, target, emoji, user_id, name, seq, ts) "
                "VALUES (:room, 10, '👍', 'u_Old', 'Olga', 41, :ts)"
            ),
            {"room": ROOMS[0], "ts": said.ts},
        )
        connection.execute(
            text("UPDATE events SET rev = 41 WHERE room_id = :room AND seq = 10"), {"room": ROOMS[0]}
        )
        connection.execute(
            text(
                "INSERT INTO users (user_id, name, token_id, created_at, last_used_at, expires_at) "
                "VALUES ('u_Ben', 'Benjamin', 't', 1, 1, 2)"
            )
        )
    upgrade(empty_url)

    with world_of(empty_url) as world:
        room = ChangingRoom(world, ROOMS[0])
        room.head = 40
        assert room.body(10)["reactions"] == [{"emoji": "👍", "count": 1}]
        room.do("react", said, "👍", "Ben")
        [reacted] = world.store.reactions.people(ROOMS[0], 10, said.id, 0) or []
        assert (reacted.count, reacted.users) == (2, [("u_Old", "Olga"), ("u_Ben", "Ben")])
    go_to(empty_url, command.downgrade, "0005")

    with closing(open_database(empty_url)) as database, database.reading() as connection:
        rows = connection.execute(text("SELECT user_id, name FROM reactions ORDER BY user_id"))
        assert [tuple(row) for row in rows] == [("u_Ben", "Benjamin"), ("u_Old", "Olga")]
