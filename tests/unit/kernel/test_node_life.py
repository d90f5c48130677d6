"""A node's life: it beats, it may be declared dead, it ends in good order."""

from __future__ import annotations

from typing import Any

import pytest

from chatapp.errors import Draining, StorageUnavailable
from chatapp.kernel.ports import Outcome
from tests.fakes.storage import YEAR_2026_MS, Fate, Fates, NodeState
from tests.unit.kernel.log_room import Enter, Look, Note, Posted, Say
from tests.unit.kernel.test_outcomes import codes
from tests.unit.kernel.world import OneNode, Process

LEASE = 5.0
SELF_FENCE = 0.8 * LEASE
NEVER = Fate(before=10_000.0)


def silence(world: OneNode) -> None:
    """From now on no heartbeat gets through."""
    world.fates.plan("heartbeat", *[Fate(answer=StorageUnavailable())] * 1_000)


# --- the lease --------------------------------------------------------------------------------


def test_a_node_is_live_when_it_says_it_has_started(world: OneNode) -> None:
    assert world.process.started == [None]
    assert world.database.nodes["a.1"].state is NodeState.LIVE
    assert world.process.router.node_id == "a.1"


def test_a_node_that_cannot_register_says_so() -> None:
    world = OneNode()
    error = StorageUnavailable()
    world.fates.plan("register", Fate(answer=error))
    late = Process(world, "b", fates=world.fates)
    world.after(0.0)

    assert late.started == [error]
    assert not late.node.is_trusted


def test_a_node_beats_five_times_a_lease(world: OneNode) -> None:
    world.after(LEASE)

    assert world.process.storage.heartbeats == 5


def test_a_heartbeat_that_hangs_is_not_followed_by_another(world: OneNode) -> None:
    world.fates.plan("heartbeat", Fate(before=3.5))
    world.after(4.0)
    assert world.process.storage.heartbeats == 1

    world.after(1.1)
    assert world.process.storage.heartbeats == 2


def test_the_clock_is_the_databases(world: OneNode) -> None:
    world.after(12.345)

    assert world.node.clock.now_ms() == pytest.approx(YEAR_2026_MS + 12_345, abs=1)


def test_a_journal_that_finishes_nothing_stops_the_heartbeats(world: OneNode) -> None:
    """The node would go on to look alive while nobody in its rooms can say a word."""
    world.fates.plan("commit", NEVER)
    world.ask(Say(client_id="1"))
    world.after(2 * LEASE)

    assert world.process.storage.heartbeats == 3
    assert not world.node.is_trusted


def test_sign_outs_that_a_heartbeat_brings_are_passed_on(world: OneNode) -> None:
    heard: list[Any] = []
    world.node.lease.on_revoked = heard.append
    world.after(1.5)
    world.database.revoked_user_ids.append("u_7")
    world.after(1.0)

    assert heard == [["u_7"]]


def test_revocations_without_a_listener_are_no_error(world: OneNode) -> None:
    world.database.revoked_user_ids.append("u_7")
    world.after(1.5)

    assert world.node.is_trusted


def test_past_its_self_fence_a_node_answers_nothing_from_memory(world: OneNode) -> None:
    world.tell(Say(client_id="1"))
    silence(world)
    world.after(SELF_FENCE - 0.1)
    assert world.tell(Look(), Say(client_id="1")) == [1, Posted(seq=1, is_duplicate=True)]

    world.after(0.2)

    assert codes(world.tell(Look())) == ["owner_unavailable"]
    assert world.meter.drops == ["self_fence"]
    assert codes(world.tell(Say(client_id="1"))) == ["owner_unavailable"], "nor a remembered seq"
    assert codes(world.tell(Say(client_id="2", text="rude"))) == ["owner_unavailable"], "nor a refusal"


def test_past_its_self_fence_what_the_database_accepts_still_counts(world: OneNode) -> None:
    world.tell(Say(client_id="1"))
    silence(world)
    world.after(SELF_FENCE + 0.1)

    assert world.tell(Say(client_id="2")) == [Posted(seq=2)]


def test_the_self_fence_counts_from_when_the_beat_was_sent(world: OneNode) -> None:
    world.fates.plan("heartbeat", Fate(after=3.0))
    silence(world)
    world.after(1.0 + 3.0)
    assert world.node.is_trusted

    world.after(SELF_FENCE - 3.0)
    assert not world.node.is_trusted


# --- declared dead ------------------------------------------------------------------------------


def test_a_node_declared_dead_drops_every_room_and_comes_back_under_a_new_id(world: OneNode) -> None:
    told: list[str] = []
    world.node.on_lost = lambda: told.append(world.node.node_id)
    world.tell(Say(room_id="a", client_id="1"), Say(room_id="b", client_id="1"))

    world.database.declare_dead("a.1")
    world.after(1.5)

    assert told == ["a.2"]
    assert world.node.awake_rooms == 0
    assert world.meter.drops == ["owner_moved"] * 2
    assert world.database.nodes["a.1"].state is NodeState.DEAD
    assert world.tell(Say(room_id="a", client_id="2")) == [Posted(seq=2)]
    assert world.row("a").owner_id == "a.2"


def test_between_its_death_and_its_return_a_node_answers_nothing_from_memory(world: OneNode) -> None:
    world.tell(Say(client_id="1"))
    world.fates.plan("register", Fate(before=0.5))
    world.database.declare_dead("a.1")
    world.after(1.2)

    assert world.node.node_id == "a.2"
    assert codes(world.tell(Look())) == ["owner_unavailable"]
    world.after(1.0)
    assert world.tell(Look()) == [1]


def test_a_return_that_fails_is_tried_again_under_yet_another_id(world: OneNode) -> None:
    world.fates.plan("register", Fate(answer=StorageUnavailable()))
    world.database.declare_dead("a.1")
    world.after(1.5)
    assert not world.node.is_trusted

    world.after(1.0)
    assert world.node.node_id == "a.3"
    assert world.node.is_trusted


def test_mail_that_waits_when_the_node_is_declared_dead_is_answered_by_its_next_life(world: OneNode) -> None:
    world.fates.plan("acquire", Fate(after=5.0))
    answer = world.ask(Say(client_id="1"))
    world.database.declare_dead("a.1")
    world.after(10.0)

    assert answer == [Posted(seq=1)]
    assert world.row().owner_id == "a.2"


def test_a_batch_under_way_when_its_tenure_ends_promises_nothing(world: OneNode) -> None:
    world.tell(Enter(member="ana"))
    world.fates.plan("commit", Fate(after=2.0))
    answer = world.ask(Say(client_id="1"))
    world.after(0.1)
    world.database.declare_dead("a.1")
    world.after(3.0)

    assert codes(answer) == ["owner_unavailable"]
    assert world.audience.seen == {}, "the next owner tells what is stored"
    assert world.tell(Say(client_id="1", is_retry=True)) == [Posted(seq=1, is_duplicate=True)]


def test_a_batch_that_reads_when_its_tenure_ends_keeps_its_place_before_later_mail(world: OneNode) -> None:
    """m1 is being looked up when the node is declared dead; m2 waits. Their order must hold:

    load m1 ─── declared dead ─── woken again, m2 could be stored ─── the late answer for m1
    """
    world.tell(Enter())
    world.fates.plan("load", Fate(after=9.0))
    answers = [world.ask(Say(client_id="m1"))]
    world.after(0.1)
    answers.append(world.ask(Say(client_id="m2")))
    world.database.declare_dead("a.1")
    world.after(5.0)

    assert [event.client_id for event in world.log()] == ["m1", "m2"]
    world.after(10.0)
    assert answers == [[Posted(seq=1)], [Posted(seq=2)]]


def test_what_was_read_but_not_decided_when_its_tenure_ends_is_decided_by_the_next(world: OneNode) -> None:
    """The answer to the read and the news of the death come in the same turn of the hub."""
    world.tell(Enter())
    world.fates.plan("commit", Fate(after=3.0))
    world.tell(Enter(room_id="next door"))
    other_say = world.ask(Say(room_id="next door", client_id="1"))
    world.after(0.1)
    answer = world.ask(Say(client_id="1"))  # is read, and then waits for the transaction under way
    world.after(0.1)
    world.database.declare_dead("a.1")
    world.after(10.0)

    assert codes(other_say) == ["owner_unavailable"]
    assert answer == [Posted(seq=1)]


@pytest.mark.parametrize("operation", ["acquire", "release"])
def test_a_late_callback_of_an_ended_life_changes_nothing(world: OneNode, operation: str) -> None:
    world.tell(Say(client_id="1"))
    world.after(120.0)
    world.fates.plan(operation, Fate(after=4.0))
    if operation == "release":
        world.tell(Look())
        world.scheduler.run_until(lambda: world.meter.hibernations == 2, at_most=120)
    else:
        world.ask(Look())
        world.after(0.1)
    world.database.declare_dead("a.1")
    world.after(1.5)
    assert world.tell(Say(client_id="2")) == [Posted(seq=2)]
    epoch = world.row().epoch

    world.after(4.0)

    assert world.tell(Look()) == [2]
    assert (world.row().epoch, world.row().owner_id) == (epoch, "a.2")


def test_a_late_lease_of_an_ended_life_is_not_used_while_the_next_one_is_awaited(world: OneNode) -> None:
    world.fates.plan("acquire", Fate(after=4.0), Fate(after=6.0))
    answer = world.ask(Say(client_id="1"))
    world.database.declare_dead("a.1")
    world.after(10.0)

    assert answer == [Posted(seq=1)]
    assert world.meter.drops == ["owner_moved"], "the old lease would have been stale"


def test_a_late_release_of_an_ended_life_does_not_end_the_next_ones_release() -> None:
    world = OneNode(idle_seconds=1.0)
    world.tell(Say(client_id="1"))
    world.fates.plan("release", Fate(after=6.0), Fate(before=20.0))
    world.scheduler.run_until(lambda: world.meter.hibernations == 1)
    world.ask(Look())
    world.database.declare_dead("a.1")
    world.scheduler.run_until(lambda: world.meter.hibernations == 2)

    world.after(8.0)
    waiting = world.ask(Look())
    world.after(1.0)

    assert waiting == []
    world.after(20.0)
    assert waiting == [1]


def test_a_late_read_that_fails_costs_the_next_tenure_nothing(world: OneNode) -> None:
    world.tell(Enter())
    world.fates.plan("load", Fate(after=4.0, answer=StorageUnavailable()))
    answer = world.ask(Say(client_id="1"))
    world.after(0.1)
    world.database.declare_dead("a.1")
    world.after(10.0)

    assert answer == [Posted(seq=1)]
    assert world.meter.drops == ["owner_moved"]


def test_a_release_that_answers_after_the_room_was_forgotten_changes_nothing(world: OneNode) -> None:
    world.tell(Say(client_id="1"))
    world.fates.plan("release", Fate(after=4.0))
    world.scheduler.run_until(lambda: world.meter.hibernations == 1, at_most=120)
    world.database.declare_dead("a.1")
    world.after(10.0)

    assert world.node.awake_rooms == 0
    assert world.tell(Look()) == [1]


def test_two_nodes_never_own_a_room_at_once(world: OneNode) -> None:
    other = Process(world, "b", fates=Fates())
    world.tell(Say(client_id="1"))

    carried = other.ask(Say(client_id="2"))
    world.after(0.0)
    assert (carried, world.row().owner_id) == ([Posted(seq=2)], "a.1")

    world.after(120.0)
    accepted = other.ask(Say(client_id="3"))
    world.after(0.0)
    assert (accepted, world.row().owner_id) == ([Posted(seq=3)], "b.1")


def test_a_paused_owner_cannot_write_after_its_room_was_taken_over(world: OneNode) -> None:
    """Its own clock may still say the lease is good; only storage can know better."""
    other = Process(world, "b", fates=Fates())
    world.tell(Enter(member="ana"))
    world.process.hub.freeze(3.0)
    world.database.declare_dead("a.1")
    other.ask(Say(client_id="1"))
    world.after(1.0)

    world.process.hub.freeze(0.0)
    paused = world.ask(Say(client_id="2"))
    world.after(5.0)

    assert codes(paused) == ["owner_unavailable"]
    assert [event.client_id for event in world.log()] == ["1"]
    assert world.audience.seen == {}


# --- mentions -------------------------------------------------------------------------------------


def test_what_is_mentioned_reaches_an_awake_room_and_keeps_it_awake_no_longer(world: OneNode) -> None:
    world.tell(Say(client_id="1"))
    for n in range(7):
        world.after(10.0)
        world.process.router.mention(Say(client_id=f"mentioned {n}"))
        world.after(0.0)

    assert len(world.log()) == 6, "the last came to a room that slept"
    assert world.node.awake_rooms == 0
    assert world.meter.hibernations == 1


# --- the end --------------------------------------------------------------------------------------


def drain(world: OneNode, timeout_seconds: float = 8.0) -> list[float]:
    """The list gets the time when the node says that it is done."""
    ended: list[float] = []
    began = world.scheduler.elapsed()
    world.node.drain(
        timeout_seconds=timeout_seconds, done=lambda: ended.append(world.scheduler.elapsed() - began)
    )
    return ended


def test_a_draining_node_refuses_new_commands(world: OneNode) -> None:
    drain(world)

    (answer,) = world.tell(Say(client_id="1"))

    assert world.process.router.is_draining
    assert isinstance(answer, Draining)


def test_a_drain_finishes_what_was_begun_and_releases_every_room(world: OneNode) -> None:
    world.tell(Enter())
    world.fates.plan("commit", Fate(before=1.0))
    answer = world.ask(Say(client_id="1"))
    world.after(0.1)
    waiting = world.ask(Say(client_id="2"))
    ended = drain(world)
    world.after(2.0)

    assert (answer, waiting) == ([Posted(seq=1)], [Posted(seq=2)])
    assert ended == [pytest.approx(0.9, abs=0.05)]
    assert world.row().owner_id is None
    assert world.database.nodes["a.1"].state is NodeState.DEAD


def test_a_drain_stores_what_was_kept_back(world: OneNode) -> None:
    world.tell(Enter(), Note(value="kept back", after_ms=60_000))

    ended = drain(world)
    world.after(1.0)

    assert world.row().records == ["kept back"]
    assert len(ended) == 1


def test_a_drain_waits_for_rooms_that_are_falling_asleep(world: OneNode) -> None:
    world.tell(Say(client_id="1"))
    world.fates.plan("release", Fate(before=1.0))
    world.scheduler.run_until(lambda: world.meter.hibernations == 1, at_most=120)

    ended = drain(world)
    world.after(2.0)

    assert ended == [pytest.approx(1.0, abs=0.05)]


@pytest.mark.parametrize("operation", ["commit", "set_draining", "resign"])
def test_a_drain_ends_in_time_whatever_hangs(world: OneNode, operation: str) -> None:
    world.tell(Enter())
    world.fates.plan(operation, NEVER)
    world.ask(Say(client_id="1"))
    ended = drain(world, timeout_seconds=8.0)
    world.after(20.0)

    assert len(ended) == 1
    assert ended[0] <= 8.0


def test_a_drain_that_cannot_finish_leaves_the_table_of_nodes_all_the_same(world: OneNode) -> None:
    world.tell(Enter())
    world.fates.plan("commit", NEVER)
    world.ask(Say(client_id="1"))
    drain(world, timeout_seconds=8.0)
    world.after(8.0)

    assert world.database.nodes["a.1"].state is NodeState.DEAD
    assert world.row().owner_id is None


def test_a_drain_survives_a_database_that_is_gone(world: OneNode) -> None:
    world.tell(Enter())
    for operation in ("set_draining", "resign"):
        world.fates.plan(operation, Fate(answer=StorageUnavailable()))

    ended = drain(world)
    world.after(1.0)

    assert len(ended) == 1


def test_a_second_drain_changes_nothing(world: OneNode) -> None:
    first, second = drain(world), drain(world)
    world.after(1.0)

    assert (len(first), second) == (1, [])


def test_a_stopped_node_beats_no_more(world: OneNode) -> None:
    world.fates.plan("heartbeat", Fate(after=0.5))
    world.after(1.2)
    drain(world)
    world.after(0.1)
    beats = world.process.storage.heartbeats
    world.after(LEASE)

    assert world.process.storage.heartbeats == beats
    assert world.node.node_id == "a.1", "not even the late answer that calls it dead brings it back"


def test_a_node_stopped_before_it_was_registered_never_beats() -> None:
    world = OneNode()
    world.fates.plan("register", Fate(after=1.0))
    late = Process(world, "b", fates=world.fates)
    late.node.lease.stop()
    world.after(LEASE)

    assert late.storage.heartbeats == 0


def test_a_node_that_was_on_its_way_back_when_it_stopped_does_not_come_back(world: OneNode) -> None:
    told: list[str] = []
    world.node.on_lost = lambda: told.append("lost")
    world.fates.plan("register", Fate(after=2.0))
    world.database.declare_dead("a.1")
    world.after(1.5)
    drain(world)
    world.after(LEASE)

    assert told == []
    assert not world.node.is_trusted
    assert world.database.nodes[world.node.node_id].state is NodeState.DEAD


def test_a_lost_tick_is_no_reason_to_answer_anybody(world: OneNode) -> None:
    """Ticks have no sender; a failed one drops the room like any other batch."""
    world.tell(Enter(), Note(value="kept back", after_ms=1_000))
    world.fates.plan("commit", Fate(answer=Outcome.UNAVAILABLE))
    world.after(2.0)

    assert world.meter.drops == ["unavailable"]
    assert world.tell(Look()) == [0]
