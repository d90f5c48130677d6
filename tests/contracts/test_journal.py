"""What a commit does: all of a room's write or nothing of it, and no room at another's cost."""

from __future__ import annotations

import pytest

from chatapp.kernel.ports import Outcome
from chatapp.rooms.attendance.sessions import SessionRecord
from chatapp.rooms.reading import ReadRecord
from tests.contracts.worlds import UNSTORABLE, DatabaseWorld, World, event, write

COMMITTED, STALE = Outcome.COMMITTED, Outcome.STALE


def test_what_was_committed_is_in_the_log_as_it_was_said(world: World) -> None:
    lease = world.acquire("lobby", world.node()).lease
    said = [event("lobby", 1, body='{"content":"Grüße 👋"}'.encode()), event("lobby", 2, user_id="u_ben")]

    assert world.commit([write(lease, *said)]) == [COMMITTED]

    assert world.log("lobby") == [(1, said[0]), (1, said[1])]


def test_a_write_from_another_place_in_the_log_is_held_back(world: World) -> None:
    lease = world.acquire("lobby", world.node()).lease
    world.commit([write(lease, event("lobby", 1))])

    assert world.commit([write(lease, event("lobby", 1))]) == [STALE]
    assert world.commit([write(lease, event("lobby", 3), after=2)]) == [STALE]
    assert world.commit([write(lease, event("lobby", 2), after=1)]) == [COMMITTED]


def test_one_stale_room_costs_the_others_nothing(world: World) -> None:
    node = world.node()
    leases = {room: world.acquire(room, node).lease for room in ("c", "a", "b")}
    world.acquire("a", node)  # a newer epoch: the lease at hand no longer counts

    outcomes = world.commit([write(leases[room], event(room, 1)) for room in ("c", "a", "b")])

    assert outcomes == [COMMITTED, STALE, COMMITTED]
    assert [len(world.log(room)) for room in ("c", "a", "b")] == [1, 0, 1]


def test_a_repeated_client_id_is_duplicate_and_costs_the_others_nothing(world: World) -> None:
    node = world.node()
    leases = {room: world.acquire(room, node).lease for room in ("a", "b", "c")}
    world.commit([write(leases["b"], event("b", 1, client_id="same"))])

    outcomes = world.commit(
        [
            write(leases["a"], event("a", 1, client_id="same")),
            write(leases["b"], event("b", 2), event("b", 3, client_id="same"), after=1),
            write(leases["c"], event("c", 1)),
        ]
    )

    assert outcomes == [COMMITTED, Outcome.DUPLICATE, COMMITTED]
    assert [len(world.log(room)) for room in ("a", "b", "c")] == [1, 1, 1]


def test_a_client_id_twice_in_one_write_is_duplicate(world: World) -> None:
    node = world.node()
    twice = [event("a", seq, client_id="same") for seq in (1, 2)]
    other = event("b", 1)

    outcomes = world.commit(
        [write(world.acquire("a", node).lease, *twice), write(world.acquire("b", node).lease, other)]
    )

    assert outcomes == [Outcome.DUPLICATE, COMMITTED]
    assert world.log("a") == []


def test_the_same_client_id_of_another_person_is_another_message(world: World) -> None:
    lease = world.acquire("lobby", world.node()).lease
    said = [event("lobby", 1, client_id="same"), event("lobby", 2, client_id="same", user_id="u_ben")]

    assert world.commit([write(lease, *said)]) == [COMMITTED]


def test_a_refused_row_isolates_only_its_room(world: World) -> None:
    node = world.node()
    leases = {room: world.acquire(room, node).lease for room in ("a", "b", "c")}
    said = {room: event(room, 1, user_name=UNSTORABLE if room == "b" else "Ana") for room in leases}

    outcomes = world.commit([write(leases[room], said[room]) for room in leases])

    assert outcomes == [COMMITTED, Outcome.REFUSED, COMMITTED]
    assert [len(world.log(room)) for room in leases] == [1, 0, 1]
    # The refused room is where it was: its next write counts from there.
    assert world.commit([write(leases["b"], event("b", 1))]) == [COMMITTED]


def test_a_row_the_database_itself_refuses_isolates_only_its_room(database_world: DatabaseWorld) -> None:
    node = database_world.node()
    leases = {room: database_world.acquire(room, node).lease for room in ("a", "b", "c")}
    said = {room: event(room, 1, content_hash=None if room == "b" else b"") for room in leases}

    outcomes = database_world.commit([write(leases[room], said[room]) for room in leases])

    assert outcomes == [COMMITTED, Outcome.REFUSED, COMMITTED]


def _session(device: str, **more: object) -> SessionRecord:
    fields: dict[str, object] = {
        "room_id": "lobby",
        "user_id": "u_ana",
        "device": device,
        "name": "Ana",
        "node_id": "nobody",
        "is_present": True,
        "seen_at": 5,
    }
    return SessionRecord(**{**fields, **more})  # type: ignore[arg-type]


def test_records_are_stored_under_the_same_fence(database_world: DatabaseWorld) -> None:
    node = database_world.node()
    lease = database_world.acquire("lobby", node).lease
    tab, phone = (
        _session("tab", node_id=node, attachment="{}", attachment_version=3),
        _session("phone", is_present=False),
    )
    newer = database_world.acquire("lobby", node).lease

    assert database_world.commit([write(lease, records=[_session("old")])]) == [STALE]
    assert database_world.commit([write(newer, records=[tab, phone])]) == [COMMITTED]

    memory = database_world.acquire("lobby", node).memory
    assert [(s.device, s.attachment, s.attachment_version, s.node_is_live) for s in memory] == [
        ("tab", "{}", 3, True)
    ]
    found = database_world.store.sessions.of_devices(
        "lobby", [("u_ana", "phone"), ("u_ana", "old"), ("u_ben", "tab")]
    )
    assert [(s.device, s.is_present) for s in found] == [("phone", False)]


def test_a_session_of_a_dead_node_is_known_to_be_lost(database_world: DatabaseWorld) -> None:
    node, other = database_world.node(), database_world.node()
    lease = database_world.acquire("lobby", node).lease
    database_world.commit([write(lease, records=[_session("tab", node_id=node)])])
    database_world.declare_dead(node)

    memory = database_world.acquire("lobby", other).memory

    assert [session.node_is_live for session in memory] == [False]


def test_a_read_cursor_never_goes_back(database_world: DatabaseWorld) -> None:
    lease = database_world.acquire("lobby", database_world.node()).lease

    for seq in (3, 7, 5):
        record = ReadRecord(room_id="lobby", user_id="u_ana", seq=seq, at=seq)
        assert database_world.commit([write(lease, records=[record])]) == [COMMITTED]

    assert database_world.store.sessions.reads("lobby", ["u_ana", "u_ben"]) == {"u_ana": 7}


@pytest.mark.parametrize("rooms", [1, 3])
def test_a_commit_of_nothing_still_asks_the_fence(world: World, rooms: int) -> None:
    node, other = world.node(), world.node()
    leases = [world.acquire(f"room {number}", node).lease for number in range(rooms)]
    assert world.commit([write(lease) for lease in leases]) == [COMMITTED] * rooms

    world.declare_dead(node)
    world.acquire("room 0", other)

    assert world.commit([write(lease) for lease in leases])[0] is STALE
