"""A table of names is written anew on SQLite while everybody goes on, and what is left of it in a file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing
from itertools import count, islice
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import Connection, delete, func, select, update
from sqlalchemy.dialects.sqlite import insert

from chatapp.jobs.cleanup import clean_up
from chatapp.store import traces
from chatapp.store.database.address import sqlite_path
from chatapp.store.database.engine import Database, open_database
from chatapp.store.forgetting import anew
from chatapp.store.forgetting.anew import BYTES_AT_ONCE, ROWS_AT_ONCE, Step, is_begun, write_in_slices
from chatapp.store.forgetting.copy_schema import former, settle
from chatapp.store.forgetting.expiry import EXPIRED_USER, UNSEEN_SESSION, truncate_wal
from chatapp.store.forgetting.forgetting import FEW_ROWS, forget_traces
from chatapp.store.models import metadata, reactions, sessions, users
from chatapp.store.parts import overwrite
from chatapp.store.people.users import Users
from faults.remains import MARKER_BYTES, marked, markers, search
from tests.databases import sqlite_template, sqlite_url

__all__ = ["sqlite_template", "sqlite_url"]

CUTOFF = 1_000
NAME_BYTES = 3 * MARKER_BYTES
PUT = overwrite(insert(sessions), sessions)
KEY = [*sessions.primary_key]

Key = tuple[str, str, str]


class Stays:
    """Sessions in many rooms, as they should be; each change of one is made by another connection."""

    def __init__(self, database: Database, other: Database, folder: Path) -> None:
        self.database, self._other, self._folder = database, other, folder
        self.random = Random(1)
        self.living: dict[Key, dict[str, Any]] = {}
        self.words: set[bytes] = set()

    def fill(self, count: int, *, over: int = 0) -> None:
        """``over`` of them were seen too long ago."""
        rows = [self._new(seen_at=CUTOFF if n < over else CUTOFF + 1) for n in range(count)]
        self.random.shuffle(rows)
        with self._other.writing() as connection:
            for row in rows:
                connection.execute(PUT, row)
        self.living |= {_key(row): row for row in rows if row["seen_at"] > CUTOFF}

    def change(self, count: int = 10) -> None:
        """Some come, some come back under another name, some go."""
        for _ in range(count):
            with self._other.writing() as connection:
                self._change(connection)

    def _change(self, connection: Connection) -> None:
        key = self.random.choice([*self.living])
        match self.random.choice(("come", "come back", "rename", "go")):
            case "come":
                self._put(connection, self._new())
            case "come back":
                self._put(connection, self._new() | _place(key))
            case "rename":
                self.living[key] |= {"name": self._word()}
                name = update(sessions).where(*_is(key)).values(name=self.living[key]["name"])
                connection.execute(name)
            case _:
                del self.living[key]
                connection.execute(delete(sessions).where(*_is(key)))

    def write_anew(self, steps: Iterable[Step] | None = None) -> int:
        gone = 0
        for step in self.steps() if steps is None else steps:
            with self.database.writing() as connection:
                gone += step(connection)
        return gone

    def steps(self) -> Iterator[Step]:
        return write_in_slices(self.database, sessions, UNSEEN_SESSION, {"before": CUTOFF})

    def read(self) -> dict[Key, dict[str, Any]]:
        with self._other.reading() as connection:
            rows = [{**row} for row in connection.execute(select(sessions)).mappings()]
        return {_key(row): row for row in rows}

    def left(self) -> set[bytes]:
        """Words that are in a file, and of no session."""
        assert truncate_wal(self.database)
        living = set().union(*(markers(row["name"]) for row in self.living.values()))
        return (self.words - living) & search([self._folder]).keys()

    def _put(self, connection: Connection, row: dict[str, Any]) -> None:
        connection.execute(PUT, row)
        self.living[_key(row)] = row

    def _new(self, seen_at: int = CUTOFF + 1) -> dict[str, Any]:
        return {
            "room_id": f"room {self.random.randrange(300)}",
            "user_id": f"u_{self.random.getrandbits(40):x}",
            "device": "desk",
            "name": self._word(),
            "node_id": "n",
            "is_present": False,
            "seen_at": seen_at,
            "attachment": "{}" if self.random.random() < 0.9 else '"' + "x" * 3_000 + '"',
            "attachment_version": 0,
            "lingers": False,
        }

    def _word(self) -> str:
        word = marked(NAME_BYTES, self.random)
        self.words |= markers(word)
        return word


def _key(row: dict[str, Any]) -> Key:
    return row["room_id"], row["user_id"], row["device"]


def _place(key: Key) -> dict[str, Any]:
    return {column.name: value for column, value in zip(KEY, key, strict=True)}


def _is(key: Key) -> list[Any]:
    return [column == value for column, value in zip(KEY, key, strict=True)]


@pytest.fixture
def stays(sqlite_url: str) -> Iterator[Stays]:
    with closing(open_database(sqlite_url)) as database, closing(open_database(sqlite_url)) as other:
        for each in (database, other):
            with each.reading() as connection:  # nobody pulls the plug of the machine
                connection.exec_driver_sql("PRAGMA synchronous = OFF")
        path = sqlite_path(sqlite_url)
        assert path is not None
        yield Stays(database, other, path.parent)


def schema(database: Database) -> set[tuple[Any, ...]]:
    """Without the quotes that a change of names leaves, and with both names of an index as one."""
    with database.reading() as connection:
        rows = connection.exec_driver_sql("SELECT type, tbl_name, sql FROM sqlite_master").all()
    return {
        (kind, name, (sql or "").replace('"', "").replace("_idx_anew", "_idx")) for kind, name, sql in rows
    }


def test_nothing_that_was_in_the_table_before_is_in_the_file(stays: Stays) -> None:
    stays.fill(4_000, over=3_500)
    stays.change(400)
    assert stays.left()  # the names of those who have gone

    assert stays.write_anew() == 3_500

    assert stays.read() == stays.living
    assert stays.left() == set()


def test_what_is_changed_meanwhile_is_changed(stays: Stays, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was replaced meanwhile may be in gaps of the copy: it goes with the next."""
    monkeypatch.setattr(anew, "ROWS_AT_ONCE", 20)
    stays.fill(300, over=100)
    before = schema(stays.database)

    for step in stays.steps():
        stays.change()
        stays.write_anew([step])

    assert stays.read() == stays.living
    with stays.database.reading() as connection:
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar_one() == "ok"
    assert schema(stays.database) == before
    stays.write_anew()
    assert stays.left() == set()


def test_whatever_step_a_run_ends_after_the_next_one_leaves_nothing_of_it(
    stays: Stays, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(anew, "ROWS_AT_ONCE", 20)
    stays.fill(100)
    before = schema(stays.database)

    for taken in count(1):
        stays.write_anew(islice(stays.steps(), taken))
        is_whole = not is_begun(stays.database, sessions)
        stays.change()
        stays.write_anew()

        assert stays.read() == stays.living
        assert stays.left() == set()
        assert schema(stays.database) == before
        if is_whole:
            break

    assert taken > 10


def test_no_transaction_changes_more_than_a_slice(stays: Stays) -> None:
    stays.fill(6 * ROWS_AT_ONCE)
    sizes = (func.length(sessions.c.name) + func.coalesce(func.length(sessions.c.attachment), 0),)
    with stays.database.reading() as connection:
        assert connection.scalar(select(func.sum(*sizes))) > 2 * BYTES_AT_ONCE

    for step in stays.steps():
        with stays.database.writing() as connection:
            before = changes(connection)
            step(connection)
            assert changes(connection) - before <= ROWS_AT_ONCE + 10  # a few of the schema


def changes(connection: Connection) -> int:
    return int(connection.exec_driver_sql("SELECT total_changes()").scalar_one())


def test_large_rows_are_copied_few_at_a_time(stays: Stays) -> None:
    stays.fill(40)
    large = {"attachment": '"' + "x" * 16_000 + '"'}
    with stays.database.writing() as connection:
        connection.execute(update(sessions).values(large))

    assert len([*stays.steps()]) > 40 * 16_000 // BYTES_AT_ONCE


def test_what_is_taken_once_the_copy_is_begun_keeps_its_note(sqlite_url: str) -> None:
    nobody = users.c.user_id == ""
    with closing(open_database(sqlite_url)) as database:
        people = Users(database)
        people.create("u_ana", name="Ana", token_id="t")
        steps = write_in_slices(database, users, nobody, {})
        for number, step in enumerate(steps):
            with database.writing() as connection:
                step(connection)
            if not number:
                people.rename("u_ana", "Anne")

        assert traces.may_be_in(database, users, nobody, {})
        assert [(user.name) for user in [people.get("u_ana")] if user] == ["Anne"]


def test_columns_of_a_newer_version_are_copied(stays: Stays) -> None:
    stays.fill(10)
    with stays.database.writing() as connection:
        connection.exec_driver_sql("ALTER TABLE sessions ADD COLUMN mood TEXT NOT NULL DEFAULT 'none'")
        connection.exec_driver_sql("UPDATE sessions SET mood = 'good'")

    stays.write_anew()

    with stays.database.reading() as connection:
        moods = connection.exec_driver_sql("SELECT mood FROM sessions").scalars().all()
    assert moods == ["good"] * 10


@pytest.mark.parametrize("taken", [1, 3, 9])
def test_an_upgrade_finds_the_names_that_it_knows(
    stays: Stays, monkeypatch: pytest.MonkeyPatch, taken: int
) -> None:
    monkeypatch.setattr(anew, "ROWS_AT_ONCE", 20)
    stays.fill(100)
    stays.write_anew()
    stays.write_anew(islice(stays.steps(), taken))

    with stays.database.writing() as connection:
        settle(connection)

    with stays.database.reading() as connection:
        names = {
            *connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE sql IS NOT NULL").scalars()
        }
        triggers = connection.exec_driver_sql("SELECT 1 FROM sqlite_master WHERE type = 'trigger'").all()
    known = {index.name for table in metadata.tables.values() for index in table.indexes}
    assert names - {"alembic_version"} == known | {*metadata.tables}
    assert triggers == []
    assert stays.read() == stays.living
    assert stays.left() == set()


@pytest.mark.parametrize(("count", "is_whole"), [(FEW_ROWS, True), (FEW_ROWS + 1, False)])
def test_few_rows_go_in_one_transaction(stays: Stays, count: int, is_whole: bool) -> None:
    stays.fill(count, over=2)
    steps = forget_traces(stays.database, sessions, UNSEEN_SESSION, {"before": CUTOFF})

    assert stays.write_anew(islice(steps, 1)) == (2 if is_whole else 0)
    assert (next(steps, None) is None) == is_whole


def test_what_was_taken_is_still_noted_where_an_upgrade_ends_what_was_begun(stays: Stays) -> None:
    with stays.database.writing() as connection:
        traces.note(connection, users)
    begun = write_in_slices(stays.database, users, EXPIRED_USER, {"before": CUTOFF})
    stays.write_anew(islice(begun, 1))
    assert is_begun(stays.database, users)
    with stays.database.writing() as connection:
        settle(connection)

    assert not is_begun(stays.database, users)
    assert traces.may_be_in(stays.database, users, EXPIRED_USER, {"before": CUTOFF})


def test_a_cleanup_removes_what_reactions_were_though_none_has_a_name_any_more(stays: Stays) -> None:
    """A run was killed once the last of those from before they lost them had gone."""
    with stays.database.writing() as connection:
        connection.exec_driver_sql(f"CREATE TABLE {former(reactions)} AS SELECT * FROM reactions")
    assert is_begun(stays.database, reactions)

    clean_up(stays.database, CUTOFF)

    assert not is_begun(stays.database, reactions)
