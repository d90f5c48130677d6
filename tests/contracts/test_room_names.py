"""Whose a name is, as it is stored: on SQLite and on PostgreSQL."""

from __future__ import annotations

from itertools import count
from pathlib import Path
from typing import Any

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import select, update

from chatapp.kernel.durable_object import Turn
from chatapp.kernel.ports import Lease, Outcome
from chatapp.rooms.attendance.likeness import digest
from chatapp.rooms.attendance.names import HoldersOf, NameGivenUp, NameHolder, NameRecord, WantedName
from chatapp.rooms.commands import Join, Member
from chatapp.rooms.messages.aspect import PostMessage
from chatapp.rooms.room import Room
from chatapp.store import migrations
from chatapp.store.models import DELETED, events, room_names
from tests.contracts.worlds import DatabaseWorld, event, write
from tests.room_rules import RULES

ROOM = "a room of names"


def spoke(world: DatabaseWorld, lease: Lease, seq: int, user: str, *likenesses: str, at: int) -> None:
    records = [NameRecord(room_id=lease.room_id, likeness=name, user_id=user, at=at) for name in likenesses]
    said = event(lease.room_id, seq, user_id=user, ts=at)
    assert world.commit([write(lease, said, after=seq - 1, records=records)]) == [Outcome.COMMITTED]


def holders(world: DatabaseWorld, lease: Lease, cutoff: int, **question: Any) -> list[NameHolder]:
    asked = HoldersOf(wanted=[WantedName(**question)], cutoff=cutoff)
    ((_, found),) = world.store.load(lease, [asked])
    return sorted(found, key=lambda holder: holder.likeness)


def test_who_asks_hears_whose_a_name_is_and_when_they_wrote_last(database_world: DatabaseWorld) -> None:
    lease = database_world.acquire(ROOM, database_world.node()).lease
    spoke(database_world, lease, 1, "u_ben", "ben", at=10)
    spoke(database_world, lease, 2, "u_ben", at=20)
    spoke(database_world, lease, 3, "u_other", "ben 3", at=30)

    asked = {"user_id": "u_ana", "likenesses": ["ben"], "offered": lambda: [f"ben {n}" for n in range(2, 41)]}
    found = holders(database_world, lease, 5, **asked)
    later = holders(database_world, lease, 20, **asked)

    assert found == [
        NameHolder(likeness="ben", user_id="u_ben", at=10, wrote_at=20),
        NameHolder(likeness="ben 3", user_id="u_other", at=30, wrote_at=30),
    ]
    assert [holder.wrote_at for holder in later] == [None, 30]


@pytest.mark.parametrize(("deleted", "wrote_at"), [([20], 10), ([10, 20], None)])
def test_what_they_have_deleted_holds_no_name(
    database_world: DatabaseWorld, deleted: list[int], wrote_at: int | None
) -> None:
    lease = database_world.acquire(ROOM, database_world.node()).lease
    spoke(database_world, lease, 1, "u_ben", "ben", at=10)
    spoke(database_world, lease, 2, "u_ben", at=20)
    with database_world.store.database.writing() as connection:
        connection.execute(update(events).where(events.c.ts.in_(deleted)).values(gone=DELETED))

    (found,) = holders(database_world, lease, 5, user_id="u_ana", likenesses=["ben"])

    assert found.wrote_at == wrote_at


def test_and_which_names_are_their_own(database_world: DatabaseWorld) -> None:
    lease = database_world.acquire(ROOM, database_world.node()).lease
    spoke(database_world, lease, 1, "u_ben", "ilse", "llse", at=10)
    elsewhere = database_world.acquire("another room of names", lease.node_id).lease
    spoke(database_world, elsewhere, 1, "u_ben", "benny", at=20)

    assert holders(database_world, lease, 5, user_id="u_ben", likenesses=["bo"]) == [
        NameHolder(likeness="ilse", user_id="u_ben", at=10),
        NameHolder(likeness="llse", user_id="u_ben", at=10),
    ]
    assert holders(database_world, lease, 5, user_id="u_ana", likenesses=["benny"]) == []


def test_a_name_is_stored_once_and_given_up_with_what_was_decided_with_it(
    database_world: DatabaseWorld,
) -> None:
    lease = database_world.acquire(ROOM, database_world.node()).lease
    for seq in (1, 2):
        spoke(database_world, lease, seq, "u_ben", "ben", "benny", at=seq)

    given_up = NameGivenUp(room_id=ROOM, likeness="ben", user_id="u_ben")
    database_world.commit([write(lease, event(ROOM, 3), after=2, records=[given_up])])

    with database_world.store.database.reading() as connection:
        rows = connection.execute(select(room_names.c.likeness, room_names.c.at)).all()
    assert rows == [("benny", 2)]


def test_a_name_that_is_taken_again_in_the_batch_that_gives_it_up_is_kept(
    database_world: DatabaseWorld,
) -> None:
    """What is given up goes first: the other way round nobody would own what somebody speaks under."""
    lease = database_world.acquire(ROOM, database_world.node()).lease
    spoke(database_world, lease, 1, "u_ben", "ben", at=1)

    given_up = NameGivenUp(room_id=ROOM, likeness="ben", user_id="u_ben")
    again = NameRecord(room_id=ROOM, likeness="ben", user_id="u_ben", at=2)
    database_world.commit([write(lease, event(ROOM, 2), after=1, records=[given_up, again])])

    with database_world.store.database.reading() as connection:
        rows = connection.execute(select(room_names.c.likeness, room_names.c.at)).all()
    assert rows == [("ben", 2)]


def test_what_was_not_stored_owns_no_name(database_world: DatabaseWorld) -> None:
    lease = database_world.acquire(ROOM, database_world.node()).lease
    database_world.acquire(ROOM, lease.node_id)
    record = NameRecord(room_id=ROOM, likeness="ben", user_id="u_ben", at=1)

    assert database_world.commit([write(lease, event(ROOM, 1), records=[record])]) == [Outcome.STALE]

    assert holders(database_world, lease, 0, user_id="u_ana", likenesses=["ben"]) == []


def test_no_name_of_somebody_who_spoke_stands_in_the_table(database_world: DatabaseWorld) -> None:
    """A row that is deleted may leave its bytes behind: there must be nothing in them."""
    names = ("Wilhelmina", "Ottilie", "Ida", "Walburga", "Wilhelmina")
    use(database_world, *names)

    with database_world.store.database.reading() as connection:
        rows = [tuple(row) for row in connection.execute(select(room_names))]

    assert {user_id for _, _, user_id, _ in rows} == {"u_1"}
    assert 1 < len(rows) < 10
    stored = str(rows).casefold()
    parts = {name.casefold()[start : start + 3] for name in names for start in range(len(name) - 2)}
    assert {part for part in parts if part in stored} == set()


def use(world: DatabaseWorld, *names: str) -> None:
    """Somebody says something under each, after a wake."""
    node, ids = world.node(), count()
    for number, name in enumerate(names):
        now = 1_000 * (number + 1)
        acquired = world.acquire(ROOM, node)
        room = Room(acquired, [], now, RULES, lambda: f"id {next(ids)}")
        who = Member(user_id="u_1", name=name, device="tab", connection_id="1", node_id=node)
        for said in (
            Join(room_id=ROOM, member=who),
            PostMessage(
                room_id=ROOM,
                author_id="u_1",
                author_name=name,
                client_id=f"c{number}",
                content="hi",
                member=who,
            ),
        ):
            need, turn = room.need([said], now), Turn(now)
            if need is not None:
                room.learn(world.store.load(acquired.lease, need))
            room.handle(said, turn)
            room.finish(turn)
            decided = write(acquired.lease, *turn.events, records=turn.records)
            assert world.commit([decided]) == [Outcome.COMMITTED]


def test_names_that_were_stored_as_they_look_are_found_under_their_digests() -> None:
    scripts = ScriptDirectory(str(Path(migrations.__file__).parent))
    migration = scripts.get_revision("0003")

    assert migration is not None
    for likeness in ("ana", "ilse 2", "안나", ""):
        assert migration.module._digest(ROOM, likeness) == digest(ROOM, likeness)
