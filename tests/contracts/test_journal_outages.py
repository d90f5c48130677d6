"""When the database fails in the middle: never a wrong yes, and a no only where it is certain."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from sqlalchemy import Connection
from sqlalchemy import event as sqlalchemy_event

from chatapp.kernel.ports import Outcome
from chatapp.store.database.engine import Database
from tests.contracts.worlds import DatabaseWorld, event, write

DOUBT = [Outcome.IN_DOUBT]


class BreaksAtCommit(sqlite3.Connection):
    """A file system that fails when it should make a transaction durable: before, or after it did."""

    fails: str | None = None

    def commit(self) -> None:
        if self.in_transaction and self.fails == "before":
            raise sqlite3.OperationalError("disk I/O error")
        super().commit()
        if self.fails == "after":
            raise sqlite3.OperationalError("disk I/O error")


@contextmanager
def breaking_at_commit(database: Database, when: str) -> Iterator[None]:
    @sqlalchemy_event.listens_for(database.engine, "do_connect")
    def connect(_dialect: object, _record: object, args: list[object], more: dict[str, object]) -> None:
        more["factory"] = BreaksAtCommit

    database.close()
    database.engine.dispose()
    BreaksAtCommit.fails = when
    try:
        yield
    finally:
        BreaksAtCommit.fails = None


@pytest.mark.parametrize(("when", "is_stored"), [("before", False), ("after", True)])
def test_a_commit_that_fails_is_in_doubt_on_sqlite(
    sqlite_world: DatabaseWorld, when: str, is_stored: bool
) -> None:
    lease = sqlite_world.acquire("lobby", sqlite_world.node()).lease
    stale = sqlite_world.acquire("other", lease.node_id).lease
    sqlite_world.acquire("other", lease.node_id)

    with breaking_at_commit(sqlite_world.store.database, when):
        outcomes = sqlite_world.commit([write(lease, event("lobby", 1)), write(stale, event("other", 1))])

    assert outcomes == [Outcome.IN_DOUBT, Outcome.STALE]
    assert len(sqlite_world.log("lobby")) == is_stored
    # Whatever it was, the next owner sees it, and the journal works on.
    again = sqlite_world.acquire("lobby", lease.node_id).lease
    assert again.last_seq == is_stored
    assert sqlite_world.commit([write(again, event("lobby", again.last_seq + 1))]) == [Outcome.COMMITTED]


@contextmanager
def connection_cut_at(database: Database, moment: str, url: str) -> Iterator[None]:
    """The server ends the journal's connection at this moment of its next transaction."""
    cut: list[bool] = []

    def cut_once(connection: Connection, *_: object) -> None:
        if not cut:
            cut.append(True)
            backend = connection.connection.dbapi_connection.info.backend_pid  # type: ignore[union-attr]
            with psycopg.connect(url, autocommit=True) as other:
                other.execute("SELECT pg_terminate_backend(%s, 5000)", [backend])

    sqlalchemy_event.listen(database.engine, moment, cut_once)
    yield
    sqlalchemy_event.remove(database.engine, moment, cut_once)


@pytest.mark.parametrize(
    ("moment", "outcome"),
    [("commit", Outcome.IN_DOUBT), ("begin", Outcome.UNAVAILABLE)],
)
def test_a_cut_connection_leaves_doubt_only_at_commit(
    postgresql_world: DatabaseWorld, postgresql_url: str, moment: str, outcome: Outcome
) -> None:
    lease = postgresql_world.acquire("lobby", postgresql_world.node()).lease

    with connection_cut_at(postgresql_world.store.database, moment, postgresql_url):
        assert postgresql_world.commit([write(lease, event("lobby", 1))]) == [outcome]

    assert postgresql_world.log("lobby") == []
    assert postgresql_world.commit([write(lease, event("lobby", 1))]) == [Outcome.COMMITTED]


def test_a_full_disk_says_so_and_works_on_when_there_is_room_again(sqlite_world: DatabaseWorld) -> None:
    lease = sqlite_world.acquire("lobby", sqlite_world.node()).lease
    big = b'"' + b"x" * 200_000 + b'"'
    database = sqlite_world.store.database
    with database.reading() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 5}")

    assert sqlite_world.commit([write(lease, event("lobby", 1, body=big))]) == [Outcome.FULL]

    assert sqlite_world.store.history.page("lobby", limit=1, cutoff=0).events == []
    with database.reading() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 1000000")
    assert sqlite_world.commit([write(lease, event("lobby", 1, body=big))]) == [Outcome.COMMITTED]


def test_a_row_that_somebody_holds_delays_only_its_room(
    postgresql_world: DatabaseWorld, postgresql_url: str
) -> None:
    node = postgresql_world.node()
    leases = [postgresql_world.acquire(room, node).lease for room in ("a", "b", "c")]
    writes = [write(lease, event(lease.room_id, 1)) for lease in leases]

    with psycopg.connect(postgresql_url) as holder:
        holder.execute("SELECT 1 FROM room_leases WHERE room_id = 'b' FOR UPDATE")
        outcomes = postgresql_world.commit(writes)

    assert outcomes == [Outcome.COMMITTED, Outcome.UNAVAILABLE, Outcome.COMMITTED]
    assert postgresql_world.commit([writes[1]]) == [Outcome.COMMITTED]


def test_a_database_that_is_not_there_is_unavailable(sqlite_world: DatabaseWorld, tmp_path: object) -> None:
    lease = sqlite_world.acquire("lobby", sqlite_world.node()).lease
    with sqlite3.connect(str(sqlite_world.store.database.engine.url.database)) as other:
        sqlite_world.store.database.close()
        with sqlite_world.store.database.reading() as connection:
            connection.exec_driver_sql("PRAGMA busy_timeout = 10")
        other.execute("BEGIN IMMEDIATE")
        assert sqlite_world.commit([write(lease, event("lobby", 1))]) == [Outcome.UNAVAILABLE]
        other.execute("ROLLBACK")
    other.close()

    assert sqlite_world.commit([write(lease, event("lobby", 1))]) == [Outcome.COMMITTED]
