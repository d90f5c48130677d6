"""The fault suite's failpoints lie where they say, in the statements as they are really sent.

There are no hooks in the product: a statement that is written anew must be found again.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

import pytest
from sqlalchemy import Connection

from chatapp.jobs.cleanup import clean_up
from chatapp.store.database.engine import DAY_MS
from faults.failpoints import point_of, watch_statements
from tests.contracts.worlds import DatabaseWorld, write
from tests.contracts.worlds import event as message


@pytest.fixture
def passed() -> Iterator[list[str]]:
    """The failpoints in the order in which they were passed."""
    points: list[str] = []

    def note(_connection: Connection, statement: str) -> None:
        point = point_of(statement)
        if point is not None:
            points.append(point)

    end = watch_statements(note)
    yield points
    end()


def test_each_is_passed_by_what_it_is_named_after(database_world: DatabaseWorld, passed: list[str]) -> None:
    world = database_world
    node = world.node()
    lease = world.acquire("lobby", node).lease
    world.commit([write(lease, message("lobby", 1, ts=1))])
    world.heartbeat(node)
    world.release(lease)
    clean_up(world.store.database, DAY_MS, pause=lambda seconds: None)

    assert [point for point, _ in groupby(passed)] == [
        "in_acquire",
        "after_fence",
        "after_insert",
        "in_heartbeat",
        "in_release",
        "in_cleanup",
        "in_forgetting",
    ]
