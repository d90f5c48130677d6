"""The alarm when something stands in its way: it says so, and comes back until it is done."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from chatapp.jobs import claimed
from chatapp.jobs.claimed import WAL_ATTEMPTS
from chatapp.jobs.cleanup import clean_up, overdue
from chatapp.jobs.plan import RETRY_MS, SECOND_LOOK_MS
from chatapp.jobs.report import TABLE_IN_USE, Ending, Report
from chatapp.store.database.engine import open_database
from chatapp.store.models import sessions, users
from chatapp.store.nodes.alarms import MISSED_MS
from tests.contracts.worlds import DatabaseWorld
from tests.databases import postgresql_server, postgresql_url, sqlite_template, sqlite_url

__all__ = ["postgresql_server", "postgresql_url", "sqlite_template", "sqlite_url"]

MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
NOW = 1_800_000_000_000
SECRET = b"a very secret name"


class House:
    """A SQLite database whose time is the test's; its first cleanup was an hour ago."""

    def __init__(self, url: str) -> None:
        self.file = Path(url.removeprefix("sqlite:///"))
        self.world = DatabaseWorld(url)
        self.database = self.world.store.database
        self.now = NOW - HOUR
        self.pauses: list[float] = []
        self.clean()
        self.now = NOW

    def clean(self) -> Report:
        return clean_up(self.database, DAY, now=lambda: self.now, pause=self.pauses.append)

    def sign_in(self, guests: int, *, until: int) -> None:
        """A guest's name goes when the sign-in is over."""
        guest = {"name": SECRET.decode(), "token_id": "t", "created_at": 0, "last_used_at": 0}
        rows = [{"user_id": f"u_{n}", **guest, "expires_at": until} for n in range(guests)]
        with self.database.writing() as connection:
            connection.execute(insert(users), rows)

    def slot(self) -> tuple[int, int, int]:
        with closing(sqlite3.connect(self.file)) as database:
            asked = "SELECT next_due, done_cutoff, unfinished FROM alarms"
            next_due, done_cutoff, unfinished = database.execute(asked).fetchone()
        return next_due, done_cutoff, unfinished

    def holds_secret(self) -> bool:
        return any(SECRET in file.read_bytes() for file in self.file.parent.glob("chat.db*"))

    @contextmanager
    def reader(self) -> Iterator[None]:
        """Somebody with an open transaction."""
        with closing(sqlite3.connect(self.file, isolation_level=None)) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM events").fetchall()
            yield


@pytest.fixture
def house(sqlite_url: str) -> Iterator[House]:
    house = House(sqlite_url)
    yield house
    house.world.close()


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hundred runs that each wait for the reader would take a minute."""
    monkeypatch.setattr(claimed, "WAL_ATTEMPTS", 1)


def test_a_run_whose_log_is_being_read_is_not_finished_until_a_later_one_is(house: House) -> None:
    house.sign_in(1, until=house.now)

    with house.reader():
        first = house.clean()
        assert first.ending is Ending.UNFINISHED
        assert len(first.hindrances) == 1
        assert len(house.pauses) >= WAL_ATTEMPTS
        assert house.slot() == (NOW + RETRY_MS, NOW - HOUR - DAY, 1)
        assert house.holds_secret()
        assert house.clean().ending is Ending.NOT_DUE
        house.now += RETRY_MS
        assert house.clean().ending is Ending.UNFINISHED
        assert house.slot() == (house.now + RETRY_MS, NOW - HOUR - DAY, 2)

    house.now += RETRY_MS
    last = house.clean()
    assert (last.ending, last.hindrances, last.unfinished_before) == (Ending.DONE, [], 2)
    assert house.slot()[1:] == (house.now - DAY, 0)
    assert not house.holds_secret()


@pytest.mark.usefixtures("hasty")
def test_a_jump_that_was_believed_is_believed_by_all_runs_that_try_again(house: House) -> None:
    house.now += 2 * DAY
    endings = []
    with house.reader():
        for wait in (SECOND_LOOK_MS, *[RETRY_MS] * 95):
            endings.append(house.clean().ending)
            house.now += wait

    assert endings == [Ending.NOTED] + [Ending.UNFINISHED] * 95
    assert house.clean().ending is Ending.DONE


@pytest.mark.usefixtures("hasty")
def test_a_slow_reader_is_not_taken_for_a_clock_that_jumped(house: House) -> None:
    """Nor an hour's jump of the clock for a reader that was slow."""
    with house.reader():
        for _ in range(45):
            assert house.clean().ending is Ending.UNFINISHED
            house.now += RETRY_MS
        house.now += HOUR
        assert house.clean().ending is Ending.NOTED
        assert house.slot()[2] == 45
        house.now += SECOND_LOOK_MS
        assert house.clean().ending is Ending.UNFINISHED
        assert house.slot()[2] == 46


def test_what_is_tried_again_does_not_let_the_log_grow_that_cannot_be_emptied(house: House) -> None:
    house.sign_in(1000, until=house.now + DAY)
    log = house.file.with_name("chat.db-wal")
    with house.reader():
        house.clean()
        sizes = []
        for _ in range(10):
            house.now += RETRY_MS
            assert house.clean().ending is Ending.UNFINISHED
            sizes.append(log.stat().st_size)

    # A run is claimed and its end is written down: two small transactions.
    assert sizes[-1] - sizes[0] < 9 * 10 * 4096


def test_a_run_that_could_not_finish_is_missed_sooner(house: House) -> None:
    with house.reader():
        house.clean()

    house.now += RETRY_MS + MISSED_MS
    assert not overdue(house.database, DAY, now=lambda: house.now)
    house.now += 1
    assert overdue(house.database, DAY, now=lambda: house.now)
    house.clean()
    house.now += HOUR
    assert not overdue(house.database, DAY, now=lambda: house.now)


def test_a_table_that_somebody_holds_is_left_to_the_next_run(postgresql_url: str) -> None:
    world, other = DatabaseWorld(postgresql_url), open_database(postgresql_url)
    now = NOW
    with other.engine.connect() as holder:
        holder.execute(select(sessions))
        held = clean_up(world.store.database, DAY, now=lambda: now, pause=lambda _: None)
    now += RETRY_MS
    freed = clean_up(world.store.database, DAY, now=lambda: now, pause=lambda _: None)
    world.close()
    other.close()

    assert (held.ending, held.hindrances) == (Ending.UNFINISHED, [TABLE_IN_USE])
    assert freed.ending is Ending.DONE
