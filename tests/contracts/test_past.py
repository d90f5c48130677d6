"""A past that benches and faults write into a database is what saying it would have left there."""

from __future__ import annotations

import time

from sqlalchemy import select

from bench.past import CONTENT, HOUR_MS, PastRoom, add_rooms
from chatapp.store.database.engine import DAY_MS
from chatapp.store.log.texts import period_of
from chatapp.store.models import events
from faults.past import add_room
from tests.contracts.worlds import DatabaseWorld

AGES = (23 * HOUR_MS, 9 * HOUR_MS, 0)


def test_messages_of_any_age_stand_in_the_log_and_in_the_ring(database_world: DatabaseWorld) -> None:
    url = database_world.store.database.engine.url.render_as_string(hide_password=False)
    stream = add_room(url, "lobby", AGES, text="!")

    page = database_world.store.history.page("lobby", limit=10, cutoff=0)
    with database_world.store.database.reading() as connection:
        periods = connection.execute(select(events.c.ts, events.c.period)).all()

    assert (page.stream_id, page.head) == (stream, 3)
    starts = [said.body.split(b"!")[0] for said in page.events]  # marks to be searched for follow
    assert starts == [b'{"content":"number %d' % n for n in (1, 2, 3)]
    assert [period_of(ts, DAY_MS) for ts, _ in periods] == [period for _, period in periods]
    assert len({period for _, period in periods}) == len(AGES)


def test_and_so_do_many_of_many_rooms(sqlite_world: DatabaseWorld) -> None:
    rooms = [PastRoom(room_id=f"room {n}", messages=10, age_ms=n * HOUR_MS) for n in range(8)]
    add_rooms(str(sqlite_world.store.database.engine.url), rooms)

    for room in rooms:
        page = sqlite_world.store.history.page(room.room_id, limit=20, cutoff=0)
        assert [said.seq for said in page.events] == [*range(1, 11)]
        assert page.events[-1].body == b'{"content":"%s"}' % CONTENT.encode()
        assert abs(time.time() * 1000 - room.age_ms - page.events[-1].ts) < 60_000
