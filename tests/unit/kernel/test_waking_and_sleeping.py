"""Rooms wake when somebody speaks to them and sleep when nobody does; nobody can tell."""

from __future__ import annotations

import gc

import pytest

from chatapp.errors import OwnerUnavailable, RoomNotFound, StorageFull, StorageUnavailable
from chatapp.kernel.activation import Activation
from chatapp.kernel.mailbox import Mailbox
from chatapp.kernel.node import SWEEP_LIMIT
from chatapp.kernel.ports import Outcome
from chatapp.kernel.tenure import Tenure
from tests.fakes.storage import Fate
from tests.unit.kernel.log_room import Enter, Look, Note, Posted, Say
from tests.unit.kernel.world import OneNode

IDLE = 60.0


def test_a_room_comes_into_being_by_a_command_that_creates(world: OneNode) -> None:
    assert world.tell(Say(client_id="1")) == [Posted(seq=1)]
    assert world.row().epoch == 1


def test_other_commands_find_no_room_and_make_none(world: OneNode) -> None:
    (answer,) = world.tell(Look())

    assert isinstance(answer, RoomNotFound)
    assert world.database.rooms == {}
    assert world.node.awake_rooms == 0


def test_what_creates_may_come_while_what_does_not_is_being_refused(world: OneNode) -> None:
    world.fates.plan("acquire", Fate(before=1.0))
    look = world.ask(Look())
    say = world.ask(Say(client_id="1"))
    world.after(2.0)

    assert isinstance(look[0], RoomNotFound)
    assert say == [Posted(seq=1)]


def test_a_room_wakes_once_for_all_who_wait(world: OneNode) -> None:
    world.fates.plan("acquire", Fate(before=1.0))
    answers = [world.ask(Say(client_id="1"))]
    world.after(0.5)
    answers.append(world.ask(Say(client_id="2")))
    world.after(1.0)

    assert answers == [[Posted(seq=1)], [Posted(seq=2)]]
    assert world.row().epoch == 1
    assert world.meter.wakes == [1.0]


@pytest.mark.parametrize("error", [OwnerUnavailable(), StorageUnavailable(), StorageFull()])
def test_who_waits_for_a_wake_that_fails_is_told_why(world: OneNode, error: Exception) -> None:
    world.fates.plan("acquire", Fate(answer=error))

    assert world.tell(Say(client_id="1"), Look()) == [error, error]
    assert world.node.awake_rooms == 0
    assert world.tell(Say(client_id="1")) == [Posted(seq=1)], "the next one tries again"


def test_an_outage_that_nobody_expected_is_an_unavailable_storage(world: OneNode) -> None:
    world.fates.plan("acquire", Fate(answer=TimeoutError("the socket is gone")))

    (answer,) = world.tell(Say(client_id="1"))

    assert isinstance(answer, StorageUnavailable)


def test_every_wake_announces_the_head(world: OneNode) -> None:
    world.tell(Say(client_id="1"))
    world.after(2 * IDLE)
    world.tell(Look())

    assert world.audience.heads == [("lobby", 1, 0), ("lobby", 2, 1)]


def test_an_idle_room_falls_asleep_and_gives_its_lease_back(world: OneNode) -> None:
    world.tell(Say(client_id="1"))
    world.after(IDLE + 2)

    assert world.node.awake_rooms == 0
    assert world.meter.hibernations == 1
    assert world.row().owner_id is None


def test_a_room_in_use_stays_awake(world: OneNode) -> None:
    for n in range(5):
        world.tell(Say(client_id=str(n)))
        world.after(IDLE - 2)

    assert world.meter.hibernations == 0


def test_members_stay_while_their_room_sleeps_and_hear_it_again_when_it_wakes(world: OneNode) -> None:
    world.tell(Enter(member="ana"))
    world.after(2 * IDLE)
    assert world.node.awake_rooms == 0

    world.tell(Say(client_id="1"))

    assert world.audience.seen["ana"] == world.log()


def test_a_sleeper_remembers_through_storage_alone(world: OneNode) -> None:
    world.tell(Say(client_id="1"))
    world.after(2 * IDLE)

    assert world.tell(Say(client_id="1"), Say(client_id="2")) == [
        Posted(seq=1, is_duplicate=True),
        Posted(seq=2),
    ]


def test_mail_during_the_release_wakes_the_room_anew(world: OneNode) -> None:
    world.tell(Say(client_id="1"))
    world.fates.plan("release", Fate(before=1.0))
    world.scheduler.run_until(lambda: world.meter.hibernations == 1, at_most=2 * IDLE)

    answer = world.ask(Say(client_id="2"))
    world.after(0.5)
    assert answer == []
    world.after(1.0)

    assert answer == [Posted(seq=2)]
    assert world.row().epoch == 2


def test_a_release_that_fails_does_not_keep_the_room_from_waking(world: OneNode) -> None:
    world.tell(Say(client_id="1"))
    world.fates.plan("release", Fate(answer=StorageUnavailable()))
    world.after(2 * IDLE)

    assert world.row().owner_id == world.node.node_id, "the lease is still ours"
    assert world.tell(Say(client_id="2")) == [Posted(seq=2)]


def test_a_room_with_a_batch_under_way_does_not_sleep(world: OneNode) -> None:
    world.fates.plan("commit", Fate(before=2 * IDLE))
    answer = world.ask(Say(client_id="1"))
    waiting = world.ask(Say(client_id="2"))
    world.after(1.5 * IDLE)

    assert world.meter.hibernations == 0
    world.after(IDLE)
    assert (answer, waiting) == ([Posted(seq=1)], [Posted(seq=2)])


def test_a_room_whose_mail_waits_for_another_rooms_transaction_does_not_sleep() -> None:
    world = OneNode(idle_seconds=0.4, looks_up=False)
    world.tell(Enter(room_id="slow"), Enter(room_id="waiting"))
    world.fates.plan("commit", Fate(before=3.0))
    world.ask(Say(room_id="slow", client_id="1"))
    world.after(0.1)
    answer = world.ask(Say(room_id="waiting", client_id="1"))
    world.after(2.5)

    assert (answer, world.meter.hibernations) == ([], 0)
    world.after(1.0)
    assert answer == [Posted(seq=1)]


def test_a_room_that_reads_does_not_sleep(world: OneNode) -> None:
    world.fates.plan("load", Fate(before=2 * IDLE))
    answer = world.ask(Say(client_id="1"))
    world.after(1.5 * IDLE)

    assert (answer, world.meter.hibernations) == ([], 0)
    world.after(IDLE)
    assert answer == [Posted(seq=1)]


def test_a_room_with_a_deadline_does_not_sleep_before_it(world: OneNode) -> None:
    world.tell(Enter(), Note(value="later", after_ms=int(2 * IDLE * 1000)))
    world.after(1.9 * IDLE)
    assert world.meter.hibernations == 0

    world.after(2 * IDLE)
    assert world.row().records == ["later"]
    assert world.meter.hibernations == 1


def test_a_room_that_is_still_waking_is_not_put_to_sleep() -> None:
    world = OneNode(idle_seconds=0.4)
    world.fates.plan("acquire", Fate(before=3.0))
    answer = world.ask(Say(client_id="1"))
    world.after(2.0)
    assert world.meter.hibernations == 0

    world.after(1.0)
    assert answer == [Posted(seq=1)]


def test_a_tick_comes_when_a_deadline_is_due_and_not_before(world: OneNode) -> None:
    world.tell(Enter(), Note(value="kept back", after_ms=2_000))
    world.after(1.99)
    assert world.row().records == []

    world.after(0.02)
    assert world.row().records == ["kept back"]
    assert world.audience.seen["ana"] == ["stored 1"]


def test_a_deadline_that_moves_forward_is_kept(world: OneNode) -> None:
    world.tell(Enter(), Note(value="late", after_ms=10_000))
    world.tell(Note(value="early", after_ms=1_000))
    world.after(1.01)

    assert world.row().records == ["late", "early"]


def test_a_deadline_is_armed_again_after_each_tick(world: OneNode) -> None:
    world.tell(Enter())
    for value in ("one", "two"):
        world.tell(Note(value=value, after_ms=1_000))
        world.after(1.5)

    assert world.row().records == ["one", "two"]


def test_what_was_kept_back_by_a_dropped_memory_is_not_ticked(world: OneNode) -> None:
    world.tell(Enter(), Note(value="lost", after_ms=5_000))
    world.fates.plan("commit", Fate(answer=Outcome.UNAVAILABLE))
    world.tell(Say(client_id="1"))
    world.after(10.0)

    assert world.row().records == []
    assert world.row().epoch == 2, "one wake, to look again; its timer wakes nobody"


def test_the_sweep_looks_at_idle_rooms_only(world: OneNode, monkeypatch: pytest.MonkeyPatch) -> None:
    """Awake rooms are in order of use, so that the first one in use ends the search."""
    from chatapp.kernel.activation import Activation

    looked_at: list[str] = []
    original = Activation.sleep_if_quiet

    def noted(room: Activation) -> None:
        looked_at.append(room.room_id)
        original(room)

    monkeypatch.setattr(Activation, "sleep_if_quiet", noted)
    world.tell(*(Say(room_id=f"idle {n}", client_id="1") for n in range(3)))
    world.after(IDLE - 10)
    world.tell(*(Say(room_id=f"busy {n}", client_id="1") for n in range(500)))
    world.after(15)

    assert sorted(looked_at) == ["idle 0", "idle 1", "idle 2"]
    assert world.node.awake_rooms == 500


def test_many_idle_rooms_go_to_sleep_in_slices(world: OneNode) -> None:
    world.tell(*(Say(room_id=str(n), client_id="1") for n in range(250)))
    world.after(IDLE)
    world.scheduler.run_until(lambda: world.meter.hibernations > 0)
    assert world.meter.hibernations == 100

    world.after(3.0)
    assert world.node.awake_rooms == 0


def test_rooms_that_sleep_leave_nothing_in_the_kernel(world: OneNode) -> None:
    """However many there are: what a sleeping room costs must not be this process's memory."""
    rooms = [f"room {number}" for number in range(500)]
    world.tell(*(Say(room_id=room, client_id="1") for room in rooms))
    assert kernel_objects() > len(rooms)

    world.after(IDLE + 10 * (1 + len(rooms) / SWEEP_LIMIT))

    assert world.node.awake_rooms == 0
    assert kernel_objects() == 0


def kernel_objects() -> int:
    gc.collect()
    return sum(isinstance(each, Activation | Tenure | Mailbox) for each in gc.get_objects())
