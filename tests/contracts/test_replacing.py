"""On PostgreSQL a table of texts in which much lives gives its place to a copy, while everybody goes on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from sqlalchemy import Connection, exists, select

from chatapp.store.database.engine import Database, open_database
from chatapp.store.forgetting import forgetting
from chatapp.store.forgetting.forgetting import Step, forget_texts
from chatapp.store.models import texts
from tests.contracts.changed import ChangingRoom
from tests.contracts.worlds import DatabaseWorld

COPIES = "SELECT relname FROM pg_class WHERE relname ~ '^texts_[0-9]_anew$'"
FILES = "SELECT relname, relfilenode FROM pg_class WHERE relname ~ '^texts_[0-9]$' ORDER BY relname"
INDEXES = "SELECT indexname FROM pg_indexes WHERE tablename ~ '^texts_[0-9]$' ORDER BY indexname"
SAMPLED = (
    "SELECT count(*) FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid "
    "WHERE relname ~ '^texts_[0-9]$' AND attname = 'words' AND attstattarget IS DISTINCT FROM 0"
)


class House:
    """A room with ten messages, of which one was taken back; and somebody else at the same database."""

    def __init__(self, world: DatabaseWorld, other: Database) -> None:
        self.world = world
        self.other = other
        self.room = ChangingRoom(world)
        self.said = self.room.say(*(f"text {n}" for n in range(1, 11)))
        self.room.do("delete", self.said[0])

    def steps(self) -> list[Step]:
        return [*forget_texts(self.other, cutoff=0)]

    def do(self, step: Step) -> int:
        with self.other.writing() as connection:
            return step(connection)

    def answers(self, query: str) -> list[Any]:
        with self.other.reading() as connection:
            return [tuple(row) for row in connection.exec_driver_sql(query)]

    def contents(self) -> list[str]:
        return [self.room.body(seq).get("content", "") for seq in range(1, self.room.head + 1)]

    def words(self) -> list[str]:
        """Of all tables, whether or not an event has them."""
        with self.other.reading() as connection:
            return [words for table in texts for words in connection.scalars(select(table.c.words))]


@pytest.fixture
def house(
    postgresql_world: DatabaseWorld, postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[House]:
    with closing(open_database(postgresql_url)) as other:
        for step in forget_texts(other, cutoff=0):  # what other tests have left in this database
            with other.writing() as connection:
                step(connection)
        monkeypatch.setattr(forgetting, "FEW_ROWS", 3)
        yield House(postgresql_world, other)


def test_what_lives_is_there_as_before_in_another_file(house: House) -> None:
    before, files, indexes = house.contents(), house.answers(FILES), house.answers(INDEXES)

    assert sum(house.do(step) for step in house.steps()) == 1

    assert house.contents() == before
    assert len({*house.answers(FILES)} - {*files}) == 1
    assert house.answers(INDEXES) == indexes
    assert (house.answers(COPIES), house.answers(SAMPLED)) == ([], [(0,)])
    assert house.steps() == []


def test_everybody_goes_on_while_it_is_copied(house: House) -> None:
    """What is said, edited and taken back between the steps, by those who hold no lock and wait for none."""
    for number, step in enumerate(house.steps()):
        house.room.say(f"said before step {number}")
        house.room.do("edit", house.said[1 + number], f"edited before step {number}")
        house.room.do("delete", house.said[5 + number])
        house.do(step)

    contents = house.contents()
    assert [f"said before step {n}" in contents for n in range(4)] == [True] * 4
    assert [contents[n] for n in range(1, 5)] == [f"edited before step {n}" for n in range(4)]
    assert [contents[n] for n in range(5, 9)] == [""] * 4
    assert contents[9] == "text 10"
    gone = [f'"text {n}"' for n in range(1, 10)]
    assert [words for words in house.words() if any(each in words for each in gone)] == []


def test_what_was_taken_back_meanwhile_goes_with_the_next_alarm(house: House) -> None:
    drop, look, copy, swap = house.steps()
    for step in (drop, look, copy):
        house.do(step)
    house.room.do("delete", house.said[4])
    house.do(swap)

    assert sum(house.do(step) for step in house.steps()) == 1
    assert house.steps() == []


def test_a_text_that_was_numbered_and_not_stored_yet_is_waited_for(house: House) -> None:
    """It would be neither among those that are copied nor among those that come later."""
    _, look, *_ = house.steps()
    with house.world.store.database.writing() as writing:
        _say_something(writing)
        with pytest.raises(Exception, match="lock timeout"):
            house.do(look)


def test_a_copy_that_a_killed_run_has_left_is_thrown_away(house: House) -> None:
    drop, look, copy, _ = house.steps()
    for step in (drop, look, copy):
        house.do(step)
    assert len(house.answers(COPIES)) == 1

    for step in house.steps():
        house.do(step)
    assert house.answers(COPIES) == []


def test_also_where_nothing_has_expired_any_more(house: House) -> None:
    for step in house.steps():
        house.do(step)
    name = texts[0].name
    with house.other.writing() as connection:
        connection.exec_driver_sql(f"CREATE TABLE {name}_anew (LIKE {name})")

    for step in house.steps():
        house.do(step)
    assert house.answers(COPIES) == []


def test_without_its_lock_a_step_leaves_nothing_to_the_next(house: House) -> None:
    before = house.contents()
    drop, _, copy, swap = house.steps()

    assert [house.do(step) for step in (drop, copy, swap)] == [0, 0, 0]
    assert (house.contents(), house.answers(COPIES)) == (before, [])


def _say_something(connection: Connection) -> None:
    """Where something was said before: what was never committed has another one written anew."""
    for table in texts:
        if connection.scalar(select(exists().where(table.c.n > 0))):
            connection.exec_driver_sql(f"INSERT INTO {table.name} VALUES (nextval('texts_n'), 5, 'x')")
