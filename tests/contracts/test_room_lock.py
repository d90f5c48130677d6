"""Who owns a room: one node, and everybody agrees which."""

from __future__ import annotations

import contextlib
import threading

import pytest
from sqlalchemy import Connection
from sqlalchemy.event import listen

from chatapp.errors import OwnerUnavailable, RoomNotFound
from chatapp.kernel.ports import Acquired, Outcome, OwnedElsewhere
from chatapp.store.forgetting.silence import forget_silent
from chatapp.store.leases import Leases
from tests.contracts.worlds import DatabaseWorld, World, event, write


def test_a_room_comes_into_being_only_by_a_command_that_makes_one(world: World) -> None:
    node = world.node()

    with pytest.raises(RoomNotFound):
        world.acquire("lobby", node, create=False)

    assert world.acquire("lobby", node).lease.epoch == 1
    assert world.acquire("lobby", node, create=False).lease.epoch == 2


def test_a_new_owner_continues_the_same_stream_with_a_higher_epoch(world: World) -> None:
    first, second = world.node(), world.node()
    mine = world.acquire("lobby", first).lease
    world.commit([write(mine, event("lobby", 1), event("lobby", 2))])
    world.release(mine)

    theirs = world.acquire("lobby", second).lease

    assert (theirs.epoch, theirs.stream_id, theirs.node_id) == (2, mine.stream_id, second)
    assert (theirs.last_seq, theirs.last_at) == (2, 1_000_002)


def test_a_room_of_a_living_node_cannot_be_taken(world: World) -> None:
    owner, other = world.node(), world.node()
    world.acquire("lobby", owner)

    with pytest.raises(OwnedElsewhere) as refused:
        world.acquire("lobby", other)
    assert refused.value.owner_id == owner

    world.set_draining(owner)
    with pytest.raises(OwnedElsewhere):
        world.acquire("lobby", other)


def test_a_room_that_is_given_back_while_somebody_reaches_for_it_is_theirs(postgresql_url: str) -> None:
    """It was refused as somebody's, and a moment later it is nobody's."""
    here, there = DatabaseWorld(postgresql_url), DatabaseWorld(postgresql_url)
    held, other = there.acquire("lobby", there.node()).lease, here.node()
    looks: list[str] = []

    def give_back(_connection: Connection, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("SELECT room_leases.epoch"):
            looks.append(statement)
            if len(looks) == 2:  # whose it is, now that it was refused
                there.release(held)

    listen(here.store.database.engine, "before_cursor_execute", give_back)

    assert here.acquire("lobby", other).lease.epoch == 2
    here.close()
    there.close()


def test_a_room_of_a_dead_node_can_be_taken(world: World) -> None:
    owner, other = world.node(), world.node()
    world.acquire("lobby", owner)
    world.declare_dead(owner)

    assert world.acquire("lobby", other).lease.epoch == 2


def test_a_node_that_is_draining_dead_or_unknown_acquires_nothing(world: World) -> None:
    draining, dead = world.node(), world.node()
    world.set_draining(draining)
    world.declare_dead(dead)

    for node in (draining, dead, "nobody"):
        with pytest.raises(OwnerUnavailable):
            world.acquire("lobby", node)


def test_a_dead_node_stays_dead(world: World) -> None:
    node = world.node()
    assert world.heartbeat(node).alive

    world.declare_dead(node)

    assert not world.heartbeat(node).alive
    assert not world.heartbeat(node).alive


def test_a_paused_owner_cannot_write_after_its_room_was_taken_over(world: World) -> None:
    """Its own clock may still say that all is well; only storage can know better."""
    paused, other = world.node(), world.node()
    old = world.acquire("lobby", paused).lease
    world.declare_dead(paused)
    new = world.acquire("lobby", other).lease

    assert world.commit([write(old, event("lobby", 1))]) == [Outcome.STALE]

    assert world.log("lobby") == []
    assert world.commit([write(new, event("lobby", 1))]) == [Outcome.COMMITTED]


def test_a_late_release_does_not_take_the_room_from_its_new_owner(world: World) -> None:
    first, second = world.node(), world.node()
    old = world.acquire("lobby", first).lease
    world.declare_dead(first)
    new = world.acquire("lobby", second).lease

    world.release(old)

    assert world.commit([write(new, event("lobby", 1))]) == [Outcome.COMMITTED]


def test_an_older_lease_of_the_same_node_releases_nothing(world: World) -> None:
    node, other = world.node(), world.node()
    old = world.acquire("lobby", node).lease
    world.acquire("lobby", node)

    world.release(old)

    with pytest.raises(OwnerUnavailable):
        world.acquire("lobby", other)


def test_a_node_that_resigns_leaves_its_rooms_to_the_others(world: World) -> None:
    leaving, staying = world.node(), world.node()
    leases = [world.acquire(room, leaving).lease for room in ("a", "b")]

    world.resign(leaving)

    assert [world.acquire(room, staying).lease.epoch for room in ("a", "b")] == [2, 2]
    assert world.commit([write(leases[0], event("a", 1))]) == [Outcome.STALE]
    assert not world.heartbeat(leaving).alive


def test_only_a_room_of_another_node_is_taken_over(world: World) -> None:
    node, other = world.node(), world.node()
    assert not world.acquire("lobby", node).is_takeover
    assert not world.acquire("lobby", node).is_takeover

    world.declare_dead(node)

    assert world.acquire("lobby", other).is_takeover


def test_a_released_room_says_so_and_a_dropped_one_does_not(database_world: DatabaseWorld) -> None:
    node, other = database_world.node(), database_world.node()
    assert database_world.acquire("lobby", node).was_released
    assert not database_world.acquire("lobby", node).was_released

    database_world.release(database_world.acquire("lobby", node).lease)
    assert database_world.acquire("lobby", node).was_released

    database_world.declare_dead(node)
    assert not database_world.acquire("lobby", other).was_released


def test_a_room_in_which_nothing_was_said_is_no_more_once_it_is_given_back(
    database_world: DatabaseWorld,
) -> None:
    node, other = database_world.node(), database_world.node()
    silent = database_world.acquire("silent", node).lease
    spoken = database_world.acquire("spoken", node).lease
    assert database_world.commit([write(spoken, event("spoken", 1))]) == [Outcome.COMMITTED]
    taken = database_world.acquire("taken", node).lease
    database_world.declare_dead(node)
    database_world.acquire("taken", other)

    for lease in (silent, spoken, taken):
        database_world.store.release_and_forget(lease)

    with pytest.raises(RoomNotFound):
        database_world.acquire("silent", other, create=False)
    assert database_world.acquire("silent", other).lease.stream_id != silent.stream_id
    for room, lease in (("spoken", spoken), ("taken", taken)):
        assert database_world.acquire(room, other, create=False).lease.stream_id == lease.stream_id


def test_a_room_that_is_forgotten_while_somebody_comes_is_made_anew(
    database_world: DatabaseWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was there when it was looked at, and is gone when it is to be taken."""
    node = database_world.node()
    old = database_world.acquire("lobby", node).lease
    database_world.release(old)
    look = Leases._look
    looked: list[object] = []

    def look_and_lose(leases: Leases, room_id: str) -> object:
        looked.append(look(leases, room_id))
        if len(looked) == 1:
            with database_world.store.database.writing() as connection:
                assert forget_silent(connection, [room_id]) == 1
        return looked[-1]

    monkeypatch.setattr(Leases, "_look", look_and_lose)
    new = database_world.acquire("lobby", node).lease

    assert [seen is None for seen in looked] == [False, True]
    assert new.stream_id != old.stream_id


def test_a_room_to_which_somebody_comes_before_it_is_forgotten_stays(database_world: DatabaseWorld) -> None:
    """It was silent when the list of those was read."""
    node = database_world.node()
    database_world.release(database_world.acquire("lobby", node).lease)
    lease = database_world.acquire("lobby", node).lease

    with database_world.store.database.writing() as connection:
        assert forget_silent(connection, ["lobby"]) == 0

    assert database_world.commit([write(lease, event("lobby", 1))]) == [Outcome.COMMITTED]


@pytest.mark.parametrize("is_new", [True, False])
def test_of_two_nodes_that_reach_for_a_room_at_once_exactly_one_gets_it(
    database_url: str, is_new: bool
) -> None:
    worlds = [DatabaseWorld(database_url) for _ in range(2)]
    nodes = ["red", "blue"]
    for world, node in zip(worlds, nodes, strict=True):
        world.nodes.register(node)
    if not is_new:
        for number in range(20):
            worlds[0].release(worlds[0].acquire(f"room {number}", "red").lease)
    won: list[list[Acquired]] = [[], []]
    start = threading.Barrier(2)

    def reach(which: int) -> None:
        for number in range(20):
            start.wait(timeout=10)
            with contextlib.suppress(OwnerUnavailable):
                won[which].append(worlds[which].acquire(f"room {number}", nodes[which]))

    threads = [threading.Thread(target=reach, args=(which,)) for which in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)

    rooms = sorted(acquired.lease.room_id for side in won for acquired in side)
    assert rooms == sorted(f"room {number}" for number in range(20))
    for world in worlds:
        world.close()
