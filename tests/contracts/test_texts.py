"""How texts come: into which table, and what of them is read again."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from chatapp.kernel.ports import Outcome
from chatapp.store.models import events, texts
from tests.contracts.worlds import DatabaseWorld, World, event, write

PERIOD_MS = 4 * 3_600_000  # of a day's retention
AT = 1_000 * 8 * PERIOD_MS  # the first moment of the ring's first table


@pytest.mark.parametrize("ahead", ["a", "c"])
def test_a_room_that_is_ahead_writes_to_the_table_of_the_others(
    database_world: DatabaseWorld, ahead: str
) -> None:
    """Its clock was wrong, and in its log time never falls: by its own time it would write into any table."""
    node, times = database_world.node(), {"b": AT, ahead: AT + 3 * PERIOD_MS}
    leases = {room: database_world.acquire(room, node).lease for room in times}

    said = [write(leases[room], event(room, 1, ts=ts)) for room, ts in times.items()]
    assert database_world.commit(said) == [Outcome.COMMITTED] * 2

    with database_world.store.database.reading() as connection:
        assert list(connection.scalars(select(events.c.period))) == [0, 0]
        assert sorted(connection.scalars(select(texts[0].c.ts))) == sorted(times.values())


@pytest.mark.parametrize("name", ["Ana", "", "Ana\nof two lines", "Ana\n"])
def test_a_name_and_a_body_are_read_as_they_were_written(world: World, name: str) -> None:
    lease = world.acquire("lobby", world.node()).lease
    said = event("lobby", 1, user_name=name, body=b'{"content":"two\\nlines"}')

    world.commit([write(lease, said)])

    assert world.log("lobby") == [(lease.epoch, said)]
