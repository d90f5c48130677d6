"""How files come to a message, and go from it: wholly with the room's write, or not at all."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import insert, select

from chatapp.kernel.ports import Lease, Outcome
from chatapp.rooms.messages.uploads import Readiness, Sendable, Upload, UploadsBound, UploadsFor, UploadsKept
from chatapp.store.models import GONE, LOOKING, READY, RECEIVING, REFUSED, uploads
from chatapp.store.uploads.uploads import as_text
from tests.contracts.worlds import DatabaseWorld, event, write

COMMITTED = Outcome.COMMITTED
PICTURE = {
    "name": "sea.jpg",
    "alt": "The sea",
    "width": 1600,
    "height": 1200,
    "placeholder": "3OcR",
    "thumbs": {"1080": {"object": "o", "bytes": 9}, "360": {"object": "p", "bytes": 3}},
}


def upload(world: DatabaseWorld, upload_id: str, **more: Any) -> str:
    words = more.pop("words", {"name": "notes.txt"})
    row = {
        "upload_id": upload_id,
        "room_id": "lobby",
        "user_id": "u_ana",
        "state": READY,
        "created_at": 5,
        "touched_at": 5,
        "size": 10,
        "received": 10,
        "parts": "[]",
        "type": "text/plain",
        "words": as_text(words),
        "address": "192.0.2.1",
        "tries": 0,
    }
    with world.store.database.writing() as connection:
        connection.execute(insert(uploads).values({**row, **more}))
    return upload_id


def bound(seq: int, *ids: str, **more: Any) -> UploadsBound:
    given: dict[str, Any] = {"room_id": "lobby", "user_id": "u_ana", "ts": 1_000_000 + seq, **more}
    return UploadsBound(seq=seq, ids=ids, **given)


def kept(seq: int, *ids: str) -> UploadsKept:
    return UploadsKept(room_id="lobby", seq=seq, at=77, ids=ids)


def states(world: DatabaseWorld) -> dict[str, tuple[int, int | None, int | None, int | None]]:
    """Of each upload its state, its message, when that was said, and when it went."""
    columns = (uploads.c.state, uploads.c.message_seq, uploads.c.message_ts, uploads.c.gone_at)
    with world.store.database.reading() as connection:
        rows = connection.execute(select(uploads.c.upload_id, *columns)).all()
    return {row[0]: tuple(row[1:]) for row in rows}


@pytest.fixture
def lobby(database_world: DatabaseWorld) -> Lease:
    return database_world.acquire("lobby", database_world.node()).lease


def test_a_room_reads_of_its_files_whose_they_are_and_what_is_told_of_them(
    database_world: DatabaseWorld, lobby: Lease
) -> None:
    world = database_world
    upload(world, "picture", type="image/jpeg", size=90_000, words=PICTURE)
    upload(world, "coming", state=RECEIVING)
    upload(world, "looked at", state=LOOKING)
    upload(world, "broken", state=REFUSED, words={"name": "x.jpg", "why": "damaged"})
    upload(world, "sent", message_seq=4, message_ts=9)
    upload(world, "over", state=GONE)
    upload(world, "elsewhere", room_id="hall")
    asked = ("picture", "coming", "looked at", "broken", "sent", "over", "elsewhere", "never was")

    ((_, found),) = world.store.load(lobby, [UploadsFor(ids=asked)])

    assert found["picture"] == Sendable(
        user_id="u_ana",
        readiness=Readiness.READY,
        is_bound=False,
        upload=Upload(
            id="picture",
            name="sea.jpg",
            type="image/jpeg",
            size=90_000,
            width=1600,
            height=1200,
            placeholder="3OcR",
            thumbs=[360, 1080],
            alt="The sea",
        ),
    )
    assert {id_: one.readiness for id_, one in found.items()} == {
        "picture": Readiness.READY,
        "coming": Readiness.WAITING,
        "looked at": Readiness.WAITING,
        "broken": Readiness.REFUSED,
        "sent": Readiness.READY,
    }
    assert [id_ for id_, one in found.items() if one.is_bound] == ["sent"]
    assert found["broken"].why == "damaged"
    assert found["sent"].upload == Upload(id="sent", name="notes.txt", type="text/plain", size=10)


def test_files_hang_on_their_message_from_its_commit_on(database_world: DatabaseWorld, lobby: Lease) -> None:
    for id_ in ("a", "b", "other"):
        upload(database_world, id_)

    said = [event("lobby", 1), event("lobby", 2)]
    outcomes = database_world.commit([write(lobby, *said, records=[bound(1, "a"), bound(2, "b")])])

    assert outcomes == [COMMITTED]
    assert states(database_world) == {
        "a": (READY, 1, 1_000_001, None),
        "b": (READY, 2, 1_000_002, None),
        "other": (READY, None, None, None),
    }


@pytest.mark.parametrize(
    "as_it_is",
    [
        {"message_seq": 9, "message_ts": 9},
        {"state": GONE},
        {"state": LOOKING},
        {"state": REFUSED},
        {"user_id": "u_ben"},
        {"room_id": "hall"},
    ],
)
def test_what_is_no_longer_so_stores_nothing_of_its_room_and_costs_the_others_nothing(
    database_world: DatabaseWorld, as_it_is: dict[str, Any]
) -> None:
    world, node = database_world, database_world.node()
    leases = {room: world.acquire(room, node).lease for room in ("a", "lobby", "z")}
    upload(world, "mine")
    upload(world, "late", **as_it_is)
    upload(world, "of a", room_id="a")
    before = states(world)

    outcomes = world.commit(
        [
            write(leases["z"], event("z", 1)),
            write(leases["lobby"], event("lobby", 1), records=[bound(1, "mine", "late")]),
            write(leases["a"], event("a", 1), records=[bound(1, "of a", room_id="a")]),
        ]
    )

    assert outcomes == [COMMITTED, Outcome.OUTDATED, COMMITTED]
    assert [len(world.log(room)) for room in ("a", "lobby", "z")] == [1, 0, 1]
    assert states(world) == {**before, "of a": (READY, 1, 1_000_001, None)}
    assert world.commit([write(leases["lobby"], event("lobby", 1), records=[bound(1, "mine")])]) == [
        COMMITTED
    ]


def test_a_replaced_owner_binds_nothing(database_world: DatabaseWorld, lobby: Lease) -> None:
    upload(database_world, "a")
    database_world.declare_dead(lobby.node_id)
    database_world.acquire("lobby", database_world.node())

    outcomes = database_world.commit([write(lobby, event("lobby", 1), records=[bound(1, "a")])])

    assert outcomes == [Outcome.STALE]
    assert states(database_world) == {"a": (READY, None, None, None)}


def test_of_two_messages_in_one_write_one_gets_a_file(database_world: DatabaseWorld, lobby: Lease) -> None:
    upload(database_world, "a")
    said = [event("lobby", 1), event("lobby", 2)]

    outcomes = database_world.commit([write(lobby, *said, records=[bound(1, "a"), bound(2, "a")])])

    assert outcomes == [Outcome.OUTDATED]
    assert states(database_world) == {"a": (READY, None, None, None)}


def test_what_an_edit_leaves_out_goes_in_its_commit_and_all_with_the_message(
    database_world: DatabaseWorld, lobby: Lease
) -> None:
    world = database_world
    for id_ in ("a", "b", "c"):
        upload(world, id_)
    upload(world, "hall", room_id="hall", message_seq=1, message_ts=9)
    upload(world, "free")
    world.commit(
        [write(lobby, event("lobby", 1), event("lobby", 2), records=[bound(1, "a", "b"), bound(2, "c")])]
    )

    world.commit([write(lobby, event("lobby", 3, type="edit"), after=2, records=[kept(1, "b")])])
    assert {id_: (state, at) for id_, (state, _, _, at) in states(world).items()} == {
        "a": (GONE, 77),
        "b": (READY, None),
        "c": (READY, None),
        "hall": (READY, None),
        "free": (READY, None),
    }

    world.commit([write(lobby, event("lobby", 4, type="delete"), after=3, records=[kept(1)])])
    assert {id_ for id_, (state, *_) in states(world).items() if state == GONE} == {"a", "b"}


def test_files_may_come_and_go_within_one_write(database_world: DatabaseWorld, lobby: Lease) -> None:
    for id_ in ("a", "b", "c"):
        upload(database_world, id_)
    said = [event("lobby", seq) for seq in (1, 2, 3)]
    records = [bound(1, "a", "b"), kept(1, "b"), bound(3, "c")]

    assert database_world.commit([write(lobby, *said, records=records)]) == [COMMITTED]

    assert {id_: state for id_, (state, *_) in states(database_world).items()} == {
        "a": GONE,
        "b": READY,
        "c": READY,
    }


def test_several_messages_let_go_of_files_in_one_commit(database_world: DatabaseWorld, lobby: Lease) -> None:
    ids = [upload(database_world, f"file {n}") for n in range(4)]
    said = [event("lobby", 1), event("lobby", 2)]
    records = [bound(1, *ids[:2]), bound(2, *ids[2:])]
    assert database_world.commit([write(lobby, *said, records=records)]) == [COMMITTED]

    changed = write(lobby, event("lobby", 3), after=2, records=[kept(1, ids[0]), kept(2)])
    assert database_world.commit([changed]) == [COMMITTED]

    assert [state for state, *_ in states(database_world).values()] == [READY, GONE, GONE, GONE]
