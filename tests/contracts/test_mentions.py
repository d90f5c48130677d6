"""Who is called, as it is stored and counted: behind what somebody has read, while the message is there."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace
from sqlalchemy import select

from chatapp.rooms.attendance.likeness import digests
from chatapp.rooms.attendance.names import NameRecord
from chatapp.rooms.attendance.sessions import SessionRecord
from chatapp.rooms.messages.mentions import CalledAs, MentionsSet
from chatapp.rooms.reading import ReadRecord
from chatapp.store.forgetting.expiry import EXPIRED_MENTIONS, LogSlice, empty, remove
from chatapp.store.models import mentions
from chatapp.store.people.mentions import COUNTED
from tests.contracts.changed import ChangingRoom
from tests.contracts.test_statements import LOOKED_THROUGH, plan_of, statements_of
from tests.contracts.worlds import DatabaseWorld

BEN, CY, EVERYBODY = "u_ben", "u_cy", ""


@pytest.fixture
def room(database_world: DatabaseWorld) -> ChangingRoom:
    room = ChangingRoom(database_world)
    keep(room, stay(room, BEN, name="Ben"), stay(room, CY, name="Cy"))
    return room


def stay(room: ChangingRoom, user_id: str, **more: Any) -> SessionRecord:
    return SessionRecord(
        room_id=room.room,
        user_id=user_id,
        device="tab",
        node_id=room.lease.node_id,
        attachment=None,
        attachment_version=0,
        **{"name": "Ben", "is_present": True, "seen_at": 5, **more},
    )


def keep(room: ChangingRoom, *records: Any) -> None:
    batch = room.batch()
    batch.records += records
    room.commit(batch)


def call(
    room: ChangingRoom,
    target: int,
    *called: str,
    since: int | None = None,
    no_longer: tuple[tuple[str, int], ...] = (),
) -> None:
    keep(
        room,
        MentionsSet(
            room_id=room.room,
            target=target,
            ts=1000 * target,
            called=tuple((user_id, since or target) for user_id in called),
            no_longer=no_longer,
        ),
    )


def read(room: ChangingRoom, user_id: str, seq: int) -> None:
    keep(room, ReadRecord(room_id=room.room, user_id=user_id, seq=seq, at=5))


def counted(room: ChangingRoom, user_id: str = BEN, cutoff: int = 0) -> int:
    """As the list of rooms says it, and as the room's page does."""
    store = room.world.store
    [listed] = store.sessions.rooms_of(user_id, cutoff)
    assert listed.mentions == store.mentions.unread(room.room, user_id, cutoff)
    return listed.mentions


def rows(room: ChangingRoom) -> list[tuple[Any, ...]]:
    columns = (mentions.c.user_id, mentions.c.seq, mentions.c.target, mentions.c.ts)
    with room.world.store.database.reading() as connection:
        return [tuple(row) for row in connection.execute(select(*columns).order_by(*columns))]


def test_who_is_called_is_counted_until_they_have_read_it(room: ChangingRoom) -> None:
    one, two, _ = room.say("@Ben", "@Ben @Cy", "nobody")
    call(room, one.seq, BEN)
    call(room, two.seq, BEN, CY)

    assert (counted(room), counted(room, CY)) == (2, 1)
    read(room, BEN, 1)
    assert (counted(room), counted(room, CY)) == (1, 1)
    read(room, BEN, 3)
    assert (counted(room), counted(room, CY)) == (0, 1)


def test_all_who_are_here_are_called_at_once_but_for_the_one_who_calls(room: ChangingRoom) -> None:
    keep(room, stay(room, "u_ana", name="Ana"))
    (said,) = room.say("@here")
    call(room, said.seq, EVERYBODY)

    assert said.user_id == "u_ana"
    assert [counted(room, who) for who in (BEN, CY, "u_ana")] == [1, 1, 0]
    assert len(rows(room)) == 1


def test_an_edit_calls_at_its_own_place(room: ChangingRoom) -> None:
    said, _ = room.say("@Ben", "more")
    call(room, said.seq, BEN)
    for who in (BEN, CY):
        read(room, who, 2)
    edit = room.do("edit", said, "@Ben @Cy")

    call(room, said.seq, CY, since=edit.seq)

    assert (counted(room), counted(room, CY)) == (0, 1)
    assert rows(room) == [(BEN, 1, 1, 1000), (CY, 3, 1, 1000)]


def test_who_is_called_no_longer_is_not_counted(room: ChangingRoom) -> None:
    (said,) = room.say("@Ben @Cy")
    call(room, said.seq, BEN, CY)

    call(room, said.seq, no_longer=((BEN, said.seq),))

    assert (counted(room), counted(room, CY)) == (0, 1)


def test_what_is_called_and_called_off_in_one_batch_is_stored_in_that_order(room: ChangingRoom) -> None:
    (said,) = room.say("@Ben")
    first = MentionsSet(
        room_id=room.room, target=said.seq, ts=said.ts, called=((BEN, 1),), no_longer=((CY, 1),)
    )

    keep(room, first, replace(first, called=first.no_longer, no_longer=first.called))

    assert rows(room) == [(CY, 1, 1, 1000)]


def test_a_message_that_is_gone_calls_nobody(room: ChangingRoom) -> None:
    """Whether its row of mentions is still there or not."""
    said = room.say("@Ben", "@Ben", "@Ben")
    for each in said:
        call(room, each.seq, BEN)
    assert counted(room) == 3

    room.do("delete", said[1])
    assert counted(room) == 2
    assert counted(room, cutoff=1000) == 1
    with room.world.store.database.writing() as connection:
        empty(connection, [LogSlice(room_id=room.room, first=1, last=1)])
    assert counted(room) == 1
    with room.world.store.database.writing() as connection:
        remove(connection, [LogSlice(room_id=room.room, first=1, last=3)])
    assert counted(room) == 0


def test_the_alarm_removes_what_has_expired_and_nothing_else(room: ChangingRoom) -> None:
    for each in room.say("@Ben", "@Ben", "@Ben"):
        call(room, each.seq, BEN, EVERYBODY)
    database = room.world.store.database

    for keys in EXPIRED_MENTIONS.pages(database, 2000):
        with database.writing() as connection:
            EXPIRED_MENTIONS.remove(connection, keys, 2000)

    assert rows(room) == [(EVERYBODY, 3, 3, 3000), (BEN, 3, 3, 3000)]


def test_of_very_many_only_the_newest_are_counted(room: ChangingRoom) -> None:
    for each in room.say(*["@Ben"] * (COUNTED + 20)):
        call(room, each.seq, BEN)

    assert counted(room) == COUNTED


def test_counting_looks_through_no_table(sqlite_world: DatabaseWorld) -> None:
    room = ChangingRoom(sqlite_world)
    keep(room, stay(room, BEN))
    call(room, room.say("@Ben")[0].seq, BEN)
    with statements_of(sqlite_world) as seen:
        sqlite_world.store.mentions.unread(room.room, BEN, 0)
        sqlite_world.store.sessions.rooms_of(BEN, 0)

    for statement in seen:
        plan = plan_of(sqlite_world, statement)
        assert not LOOKED_THROUGH.search(plan)
        assert "SEARCH mentions USING PRIMARY KEY (room_id=? AND user_id=? AND seq>?)" in plan


# --- by which names somebody may be called ---------------------------------------------------


@pytest.mark.parametrize(
    ("called", "is_known"),
    [
        ((BEN, "Ben"), True),
        ((BEN, "ben"), True),
        ((BEN, "Benjamin"), True),  # has spoken under it
        ((BEN, "Cy"), False),
        ((CY, "Ben"), False),
        ((CY, "Cy"), True),
        (("u_nobody", "Ben"), False),
        (("u_gone", "Gone"), False),
        (("u_left", "Left"), True),
    ],
)
def test_somebody_is_known_by_the_names_they_were_here_under_or_have_spoken_under(
    room: ChangingRoom, called: tuple[str, str], is_known: bool
) -> None:
    spoken = digests(room.room, "Benjamin")
    keep(
        room,
        *(NameRecord(room_id=room.room, likeness=one, user_id=BEN, at=1) for one in spoken),
        stay(room, "u_gone", name="Gone", is_present=False, seen_at=100),
        stay(room, "u_left", name="Left", is_present=False, seen_at=101),
    )
    elsewhere = ChangingRoom(room.world, "elsewhere")
    keep(elsewhere, stay(elsewhere, "u_nobody", name="Ben"))

    question = CalledAs(people=(called, ("u_other", "Other")), cutoff=100)
    ((_, known),) = room.world.store.load(room.lease, [question])

    assert known == ({called} if is_known else set())
