"""A web node whose worker never comes."""

from __future__ import annotations

from math import isnan

import pytest
from sqlalchemy import update

from chatapp.jobs.catch_up import CatchUp
from chatapp.jobs.cleanup import overdue
from chatapp.runtime import HubScheduler
from chatapp.store.models import alarms
from chatapp.store.nodes.alarms import OVERDUE_MS
from tests.contracts.worlds import DatabaseWorld, event, write
from tests.databases import sqlite_template, sqlite_url
from tests.integration.test_door import until

__all__ = ["sqlite_template", "sqlite_url"]

DAY = 86_400_000


def test_a_web_node_cleans_up_when_the_slot_is_overdue_and_not_before(sqlite_url: str) -> None:
    world = DatabaseWorld(sqlite_url)
    lease = world.acquire("lobby", world.node()).lease
    now = world.nodes.heartbeat(lease.node_id).now_ms
    world.commit([write(lease, event("lobby", 1, ts=now - 2 * DAY), event("lobby", 2, ts=now))])
    assert not overdue(world.store.database, DAY)
    catch_up = CatchUp(database_url=sqlite_url, retention_ms=DAY, scheduler=HubScheduler(), look_seconds=0.01)
    until(lambda: not isnan(catch_up.oldest_age_seconds(now)))  # it has looked
    assert [e.seq for _, e in world.log("lobby")] == [1, 2]
    assert catch_up.oldest_age_seconds(now + 7000) == pytest.approx(DAY / 1000 + 7, abs=5)

    with world.store.database.writing() as connection:
        connection.execute(update(alarms).values(next_due=now - OVERDUE_MS - 1))
    until(lambda: [e.seq for _, e in world.log("lobby")] == [2])
    until(lambda: not overdue(world.store.database, DAY))

    catch_up.stop()
    world.close()
