"""How texts go, table by table: what stays where it was, and what is written anew."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

import pytest
from sqlalchemy import Connection, func, select
from sqlalchemy.event import listen

from chatapp.kernel.ports import Lease, Outcome
from chatapp.store.forgetting.forgetting import (
    BYTES_AT_ONCE,
    FEW_ROWS,
    ROWS_AT_ONCE,
    Step,
    forget_texts,
    use_memory,
)
from chatapp.store.forgetting.replacing import LOCK_TIMEOUT
from chatapp.store.log.texts import SHORTEST_PERIOD_MS, period_of
from chatapp.store.models import texts
from tests.contracts.worlds import DatabaseWorld, event, write

RETENTION_MS = 6 * SHORTEST_PERIOD_MS
AT = 1_000 * 8 * SHORTEST_PERIOD_MS  # the first moment of the ring's first table
CUTOFF = AT + 100_000
TABLE = texts[0]


class Talk:
    """A room in which one message follows the other, each a millisecond later."""

    def __init__(self, world: DatabaseWorld) -> None:
        self.world = world
        self._seq = 0
        use_memory(world.store.database)
        self._lease: Lease = world.acquire("lobby", world.node()).lease

    def say(self, count: int, since: int, content: str = "ten letters") -> None:
        said = [
            event("lobby", self._seq + n, ts=since + n, body=f'{{"content":"{content}"}}'.encode())
            for n in range(1, count + 1)
        ]
        assert self.world.commit([write(self._lease, *said, after=self._seq)]) == [Outcome.COMMITTED]
        self._seq += count

    def forget(self, steps: Iterable[Step] | None = None) -> int:
        return sum(map(self._do, self.steps() if steps is None else steps))

    def steps(self) -> Iterable[Step]:
        return forget_texts(self.world.store.database, CUTOFF)

    def left(self, cutoff: int = CUTOFF) -> list[int]:
        return [said.ts for said in self.world.store.history.tail("lobby", 10_000, cutoff)[::-1]]

    def rows(self) -> int:
        with self.world.store.database.reading() as connection:
            return connection.execute(select(func.count()).select_from(TABLE)).scalar_one()

    def last(self) -> int:
        with self.world.store.database.reading() as connection:
            return int(connection.execute(select(func.max(TABLE.c.n))).scalar_one())

    def _do(self, step: Step) -> int:
        with self.world.store.database.writing() as connection:
            return step(connection)


def test_the_tables_take_turns_and_one_has_its_next_when_all_in_it_has_expired() -> None:
    day = 24 * 3_600_000
    for retention, period in (
        (day, day // 6),
        (RETENTION_MS, SHORTEST_PERIOD_MS),
        (60_000, SHORTEST_PERIOD_MS),
    ):
        turns = [period_of(AT + n * period, retention) for n in range(9)]
        assert len(set(turns[:8])) == 8
        assert turns[8] == turns[0]
        assert retention + period <= 7 * period, "the hourly alarm finds it expired in between"


@pytest.mark.parametrize("expired", [1, ROWS_AT_ONCE, ROWS_AT_ONCE * 2 + 5])
@pytest.mark.parametrize("living", [0, 1, FEW_ROWS, FEW_ROWS + 1])
def test_what_lives_stays_and_nothing_else(database_world: DatabaseWorld, expired: int, living: int) -> None:
    talk = Talk(database_world)
    talk.say(expired, CUTOFF - expired)
    if living:
        talk.say(living, CUTOFF)

    assert talk.forget() == expired
    assert talk.forget() == 0
    assert talk.left() == [CUTOFF + living - n for n in range(living)]


def test_beside_many_that_live_a_text_is_overwritten_where_it_stands(sqlite_world: DatabaseWorld) -> None:
    talk = Talk(sqlite_world)
    sizes = [0, 1, 29, 57, 30, 58, 31, 59, 4_090, 8_180, 4_093, 8_186, 4_095, 8_190, 10_000, 20_000]
    for n, size in enumerate(sizes):
        talk.say(1, CUTOFF - len(sizes) + n, ("x" if n % 2 else "é") * size)
    talk.say(FEW_ROWS + 1, CUTOFF)
    lengths = f"SELECT n, length(CAST(words AS BLOB)) FROM {TABLE.name}"
    overwritten = f"SELECT words = zeroblob(length(words)) FROM {TABLE.name} LIMIT {len(sizes)}"

    before = answers(sqlite_world, lengths)
    talk.forget()

    assert answers(sqlite_world, lengths) == before
    assert answers(sqlite_world, overwritten) == [(1,)] * len(sizes)
    assert len(talk.left(cutoff=0)) == FEW_ROWS + 1, "nobody reads what was overwritten"


def test_beside_few_that_live_a_table_is_written_anew(sqlite_world: DatabaseWorld) -> None:
    talk = Talk(sqlite_world)
    talk.say(5, CUTOFF - 5)
    talk.say(FEW_ROWS, CUTOFF)

    talk.forget()

    assert talk.rows() == FEW_ROWS


def test_what_an_earlier_run_has_overwritten_goes_with_the_rest(sqlite_world: DatabaseWorld) -> None:
    talk = Talk(sqlite_world)
    talk.say(5, CUTOFF - 5)
    talk.say(FEW_ROWS + 1, CUTOFF)
    talk.forget()
    with sqlite_world.store.database.writing() as connection:
        connection.execute(TABLE.delete().where(TABLE.c.ts > CUTOFF))

    talk.forget()

    assert answers(sqlite_world, f"SELECT n, ts, length(words) FROM {TABLE.name}") == [(5, 0, 0)]


def test_what_is_overwritten_at_a_time_is_little(sqlite_world: DatabaseWorld) -> None:
    """Meanwhile nobody else can write: of long texts it is fewer."""
    talk = Talk(sqlite_world)
    talk.say(40, CUTOFF - 40, "x" * (BYTES_AT_ONCE // 10))
    talk.say(FEW_ROWS + 1, CUTOFF)

    assert [talk.forget([step]) for step in talk.steps()] == [9, 9, 9, 9, 4]


def test_numbers_are_never_given_again(sqlite_world: DatabaseWorld) -> None:
    talk = Talk(sqlite_world)
    talk.say(10, CUTOFF - 10)
    talk.forget()
    assert (talk.rows(), talk.last()) == (1, 10)

    talk.say(2, CUTOFF)

    assert (talk.rows(), talk.last()) == (3, 12)


@pytest.mark.parametrize("done", [1, 2])
def test_a_removal_that_was_broken_off_is_ended_by_the_next(sqlite_world: DatabaseWorld, done: int) -> None:
    """Until the table is written anew there are gaps, and by what is left the next run knows."""
    talk = Talk(sqlite_world)
    talk.say(ROWS_AT_ONCE * 3, CUTOFF - ROWS_AT_ONCE * 3)

    talk.forget(islice(talk.steps(), done))

    assert talk.rows() == ROWS_AT_ONCE * (3 - done)
    assert talk.forget() == ROWS_AT_ONCE * (3 - done)
    assert talk.rows() == 1


def test_what_was_never_committed_goes_too(postgresql_world: DatabaseWorld) -> None:
    talk = Talk(postgresql_world)
    talk.forget()
    with postgresql_world.store.database.engine.connect() as connection:
        connection.execute(TABLE.insert(), {"n": 1, "ts": AT, "words": "never\n{}"})
    size = f"SELECT pg_relation_size('{TABLE.name}')"
    assert answers(postgresql_world, size) != [(0,)]

    talk.forget()

    assert answers(postgresql_world, size) == [(0,)]


def test_a_table_that_is_held_is_not_waited_for_long(postgresql_world: DatabaseWorld) -> None:
    """A dump holds it for minutes, and whoever comes after the one who waits has to wait as well."""
    talk = Talk(postgresql_world)
    talk.say(1, CUTOFF - 1)
    (write_anew,) = talk.steps()

    with postgresql_world.store.database.writing() as connection:
        write_anew(connection)
        assert connection.exec_driver_sql("SHOW lock_timeout").scalar_one() == LOCK_TIMEOUT
        assert connection.exec_driver_sql("SHOW statement_timeout").scalar_one() == "0", (
            "or a large one never goes"
        )


def test_nobody_writes_into_a_table_that_is_written_anew(postgresql_world: DatabaseWorld) -> None:
    """What came in after the living were set aside would go with the rest."""
    talk = Talk(postgresql_world)
    talk.say(1, CUTOFF - 1)
    (write_anew,) = talk.steps()
    held: list[object] = []

    def look(_connection: Connection, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("INSERT INTO kept"):
            locks = f"SELECT mode FROM pg_locks WHERE relation = '{TABLE.name}'::regclass AND granted"
            with postgresql_world.nodes_database.reading() as connection:
                held.extend(connection.exec_driver_sql(locks).scalars())

    listen(postgresql_world.store.database.engine, "before_cursor_execute", look)
    talk.forget([write_anew])

    assert "AccessExclusiveLock" in held


def answers(world: DatabaseWorld, query: str) -> list[tuple[object, ...]]:
    with world.store.database.reading() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(query)]


def test_columns_of_a_newer_version_are_kept(database_world: DatabaseWorld) -> None:
    """Its nodes may live already, beside a worker that knows nothing of them."""
    talk = Talk(database_world)
    talk.say(1, CUTOFF - 1)
    talk.say(1, CUTOFF)
    database = database_world.store.database
    with database.writing() as connection:
        connection.exec_driver_sql(f"ALTER TABLE {TABLE.name} ADD COLUMN mood TEXT NOT NULL DEFAULT 'none'")
        connection.exec_driver_sql(f"UPDATE {TABLE.name} SET mood = 'good'")
    try:
        assert talk.forget() == 1
        assert answers(database_world, f"SELECT mood FROM {TABLE.name}") == [("good",)]
    finally:
        with database.writing() as connection:
            connection.exec_driver_sql(f"ALTER TABLE {TABLE.name} DROP COLUMN mood")
