"""After a restore every log is another one, and nobody owns anything."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import select

from chatapp.kernel.ports import Outcome
from chatapp.store.backup import renewal
from chatapp.store.backup.renewal import NodeRunning, renew_streams
from chatapp.store.database.engine import Database, open_database
from chatapp.store.models import room_leases
from chatapp.store.nodes.proof import proof_of_death
from tests.contracts.worlds import DatabaseWorld, event, write


@pytest.fixture
def other(database_url: str) -> Iterator[Database]:
    database = open_database(database_url)
    yield database
    database.close()


def streams(world: DatabaseWorld) -> dict[str, str]:
    with world.store.database.reading() as connection:
        rows = connection.execute(select(room_leases.c.room_id, room_leases.c.stream_id)).all()
    return {row.room_id: row.stream_id for row in rows}


def test_every_log_gets_a_stream_of_its_own_and_keeps_its_messages(
    database_url: str, database_world: DatabaseWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(renewal, "ROOMS", renewal.ROOMS.limit(2))
    owner = database_world.node()
    for number in range(5):
        lease = database_world.acquire(f"room {number}", owner).lease
        database_world.commit([write(lease, event(lease.room_id, 1))])
    before = streams(database_world)

    assert renew_streams(database_url) == 5

    after = streams(database_world)
    assert after.keys() == before.keys()
    assert len({*before.values(), *after.values()}) == 10
    assert [seq.seq for _, seq in database_world.log("room 3")] == [1]


def test_whoever_owned_a_room_in_the_backup_owns_it_no_more(
    database_url: str, database_world: DatabaseWorld
) -> None:
    past, present = database_world.node(), database_world.node()
    old = database_world.acquire("lobby", past).lease

    renew_streams(database_url)

    assert not database_world.heartbeat(past).alive
    assert not database_world.heartbeat(present).alive
    assert database_world.commit([write(old, event("lobby", 1))]) == [Outcome.STALE]
    assert database_world.acquire("lobby", database_world.node()).was_released


@pytest.mark.parametrize("must_be_alone", [True, False])
def test_nothing_is_renewed_under_a_running_node(
    database_url: str, database_world: DatabaseWorld, other: Database, must_be_alone: bool
) -> None:
    database_world.acquire("lobby", database_world.node())
    before = streams(database_world)
    proof = proof_of_death(other, database_url, must_be_alone=must_be_alone)
    with other.reading() as connection:
        proof.hold(connection, "a running node")

    with pytest.raises(NodeRunning, match="stop every node first"):
        renew_streams(database_url)

    assert streams(database_world) == before
    with other.reading() as connection:
        proof.let_go(connection)
    assert renew_streams(database_url) == 1
