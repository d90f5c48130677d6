"""What is said to a room of another node reaches it, in order and once, whatever happens on the way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from chatapp.kernel.mailbox import MAILBOX_LIMIT
from chatapp.kernel.peer_messages import Answered, Forward, Moved, OutOfStep
from chatapp.kernel.route import FORWARD_SECONDS, SUSPICION_SECONDS
from tests.fakes.storage import Fate, Fates
from tests.unit.kernel.log_room import Enter, Look, Note, Posted, Say
from tests.unit.kernel.test_outcomes import codes
from tests.unit.kernel.world import Process, World

IDLE = 60.0
LATE = 0.1  # seconds that nobody notices


class TwoNodes(World):
    """``there`` owns the lobby; people speak ``here``."""

    def __init__(self) -> None:
        super().__init__()
        self.fates_here, self.fates_there = Fates(), Fates()
        self.there = Process(self, "there", fates=self.fates_there)
        self.here = Process(self, "here", fates=self.fates_here)
        self.scheduler.run()
        self.there.ask(Say(client_id="first"))
        self.after(0.0)

    def after(self, seconds: float) -> None:
        self.scheduler.run_for(seconds)

    def ids(self) -> list[str]:
        return [event.client_id for event in self.log()]

    def say(self, *client_ids: str) -> list[list[Any]]:
        return [self.here.ask(Say(client_id=client_id)) for client_id in client_ids]

    def carried(self, kind: type) -> list[Any]:
        found = [each.answer if isinstance(each, Answered) else each for _, each in self.network.sent]
        return [each for each in found if isinstance(each, kind)]


@pytest.fixture
def world() -> TwoNodes:
    return TwoNodes()


def losing(which: Callable[[int], bool]) -> Callable[[], float | None]:
    """Messages by their number, from 1."""
    numbers = iter(range(1, 10_000))
    return lambda: None if which(next(numbers)) else 0.0


def test_a_command_goes_to_the_owner_and_its_answer_comes_back(world: TwoNodes) -> None:
    (answer,) = world.say("1")
    world.after(0.0)

    assert answer == [Posted(seq=2)]
    assert world.row().owner_id == "there.1"
    assert world.here.node.awake_rooms == 0


def test_a_refusal_comes_back_as_what_it_is(world: TwoNodes) -> None:
    answer = world.here.ask(Say(client_id="1", text="rude"))
    world.after(0.0)

    assert codes(answer) == ["muted"]


def test_once_the_owner_is_known_the_database_is_not_asked_again(world: TwoNodes) -> None:
    world.say("1")
    world.after(0.0)
    world.fates_here.plan("acquire", Fate(answer=ZeroDivisionError("asked again")))

    (answer,) = world.say("2")
    world.after(0.0)

    assert answer == [Posted(seq=3)]


def test_what_is_said_quickly_keeps_its_order(world: TwoNodes) -> None:
    world.say(*map(str, range(20)))
    world.after(1.0)

    assert world.ids() == ["first", *map(str, range(20))]


@pytest.mark.parametrize("lost", [1, 2, 3, 4, 5, 6])
def test_a_message_that_is_lost_costs_half_a_second_and_neither_order_nor_doubles(
    world: TwoNodes, lost: int
) -> None:
    world.say("0")
    world.after(0.0)
    world.network.delay = losing(lambda number: number == lost)

    answers = world.say("1", "2", "3")
    world.after(2 * SUSPICION_SECONDS)

    assert world.ids() == ["first", "0", "1", "2", "3"]
    assert [answer[0].seq for answer in answers] == [3, 4, 5]


def test_what_the_owner_refused_for_now_is_not_overtaken(world: TwoNodes) -> None:
    """Its refusal is lost, so that the sender says it again; what came behind it has to wait."""
    world.say("0")
    world.after(0.0)
    world.fates_there.plan("load", Fate(before=LATE, answer=ConnectionError("gone")))
    world.network.delay = losing(lambda number: number == 3)

    world.say("1")
    world.after(LATE / 2)
    world.say("2")
    world.after(3 * SUSPICION_SECONDS)

    assert world.ids() == ["first", "0", "1", "2"]
    assert world.carried(OutOfStep)


def test_a_killed_owner_is_replaced_without_waiting_for_its_lease(world: TwoNodes) -> None:
    world.say("1")
    world.after(0.0)
    world.kill(world.there)

    (answer,) = world.say("2")
    world.after(LATE)

    assert answer == [Posted(seq=3)]
    assert world.row().owner_id == "here.1"
    assert world.here.meter.verdicts == [True]


def test_an_owner_killed_before_it_could_answer_is_replaced_within_the_suspicion(world: TwoNodes) -> None:
    world.network.delay = lambda: 0.05
    (answer,) = world.say("1")
    world.after(0.01)
    world.kill(world.there)
    world.after(SUSPICION_SECONDS + LATE)

    assert answer == [Posted(seq=2)]


def test_a_proof_that_comes_a_moment_late_is_asked_for_again_at_once(world: TwoNodes) -> None:
    """The server needs some milliseconds to see that a process has ended."""
    world.kill(world.there)
    world.database.gone.clear()
    (answer,) = world.say("1")
    world.after(0.02)
    world.database.gone.add("there.1")
    world.after(LATE)

    assert answer == [Posted(seq=2)]


def test_an_owner_that_is_silent_but_alive_keeps_its_room(world: TwoNodes) -> None:
    world.there.hub.freeze(2.0)

    (answer,) = world.say("1")
    world.after(2.0)

    assert world.row().owner_id == "there.1"
    assert answer == [Posted(seq=2)]
    assert set(world.here.meter.verdicts) == {False}
    world.after(5.0)
    assert world.ids() == ["first", "1"]


def test_nobody_waits_longer_than_five_seconds_for_an_owner(world: TwoNodes) -> None:
    world.there.hub.freeze(60.0)
    world.there.storage.heartbeats = 0

    (answer,) = world.say("1")
    world.after(FORWARD_SECONDS - 0.1)
    assert answer == []
    world.after(1.0)

    assert codes(answer) == ["owner_unavailable"]
    assert world.here.node.awake_rooms == 0


def test_a_command_that_nobody_waits_for_any_more_is_not_carried_out(world: TwoNodes) -> None:
    world.there.hub.freeze(FORWARD_SECONDS + 5.0)
    world.say("late")
    world.after(FORWARD_SECONDS + 10.0)

    assert world.ids() == ["first"]


def test_more_than_a_mailbox_holds_is_not_kept_for_an_owner_that_is_silent(world: TwoNodes) -> None:
    world.there.hub.freeze(2.0)
    world.say("0")
    world.after(LATE)

    answers = world.say(*map(str, range(1, MAILBOX_LIMIT + 1)))

    assert codes(answers[-1]) == ["room_busy"]
    world.after(3.0)
    refused = [answer[0] for answer in answers if not isinstance(answer[0], Posted)]
    assert {error.code for error in refused} == {"room_busy"}
    assert world.ids() == sorted(world.ids(), key=lambda name: -1 if name == "first" else int(name))


def test_a_room_that_fell_asleep_there_wakes_where_somebody_speaks(world: TwoNodes) -> None:
    world.say("1")
    world.after(IDLE / 2)
    world.here.ask(Look())
    world.after(IDLE + 2)
    assert world.row().owner_id is None

    (answer,) = world.say("2")
    world.after(0.0)

    assert answer == [Posted(seq=3)]
    assert world.row().owner_id == "here.1"


def test_a_route_to_a_room_that_fell_asleep_is_told_so(world: TwoNodes) -> None:
    world.say("1")
    world.after(0.0)
    world.there.node._idle_seconds = 1.0
    world.scheduler.run_until(lambda: world.row().owner_id is None, at_most=5.0)

    (answer,) = world.say("2")
    world.after(0.0)

    assert world.carried(Moved)
    assert (answer, world.row().owner_id) == ([Posted(seq=3)], "here.1")


def test_a_room_whose_owner_has_dropped_it_is_woken_there(world: TwoNodes) -> None:
    """The database still names that node, so that nobody else could."""
    world.there.node._activation("lobby").drop("test")

    (answer,) = world.say("1")
    world.after(0.0)

    assert (answer, world.row().owner_id) == ([Posted(seq=2)], "there.1")


def test_a_room_of_a_node_that_drains_is_taken_over_as_soon_as_it_is_released(world: TwoNodes) -> None:
    world.say("1")
    world.after(0.0)
    world.fates_there.plan("resign", Fate(before=0.2))
    world.there.node.drain(timeout_seconds=5.0, done=lambda: None)
    world.after(0.01)

    (answer,) = world.say("2")
    world.after(0.1)
    assert answer == []
    world.after(0.4)

    assert (answer, world.row().owner_id) == ([Posted(seq=3)], "here.1")


def test_while_the_relay_is_down_rooms_elsewhere_are_unavailable_and_rooms_here_go_on(
    world: TwoNodes,
) -> None:
    world.here.ask(Say(room_id="mine", client_id="1"))
    world.say("1")
    world.after(0.0)
    world.network.is_up = False

    (elsewhere,) = world.say("2")
    mine = world.here.ask(Say(room_id="mine", client_id="2"))
    world.after(LATE)

    assert codes(elsewhere) == ["owner_unavailable"]
    assert mine == [Posted(seq=2)]
    world.network.is_up = True
    (again,) = world.say("2")
    world.after(LATE)
    assert again == [Posted(seq=3)]


def test_an_owner_that_dies_while_the_relay_is_down_is_replaced(world: TwoNodes) -> None:
    world.network.is_up = False
    world.kill(world.there)

    (answer,) = world.say("1")
    world.after(LATE)

    assert answer == [Posted(seq=2)]


def test_when_one_room_finds_its_owner_dead_all_its_rooms_are_asked_for_again(world: TwoNodes) -> None:
    world.there.ask(Say(room_id="attic", client_id="first"))
    world.after(0.0)
    world.network.delay = losing(lambda number: number == 1)
    in_the_attic = world.here.ask(Say(room_id="attic", client_id="1"))  # lost: nobody would answer
    world.after(LATE)
    world.kill(world.there)

    world.say("1")
    world.after(LATE)

    assert in_the_attic == [Posted(seq=2)], "before its own half second was over"


def test_an_owner_declared_dead_is_reached_under_its_new_name(world: TwoNodes) -> None:
    world.say("1")
    world.after(0.0)
    world.database.declare_dead("there.1")
    world.after(2.0)
    world.there.ask(Enter(member="somebody there"))
    world.after(0.0)
    assert world.row().owner_id == "there.2"

    (answer,) = world.say("2")
    world.after(LATE)

    assert answer == [Posted(seq=3)]


def test_what_an_owner_says_to_itself_is_not_carried_on(world: TwoNodes) -> None:
    """Its own tick was waiting when the room turned out to be another node's."""
    world.there.ask(Note(value="kept back", after_ms=500))
    world.after(0.0)
    world.database.declare_dead("there.1")
    world.say("1")
    world.after(LATE)

    world.after(1.0)

    assert world.row().owner_id == "here.1"
    assert [each.command for each in world.carried(Forward) if each.sender.startswith("there")] == []


def test_answers_to_what_was_given_up_are_not_heard(world: TwoNodes) -> None:
    world.here.router.hear(Answered(sender="there.1", room_id="lobby", forward_id=7, answer=Posted(seq=9)))
    world.say("1")
    world.after(0.0)
    world.here.router.hear(Answered(sender="there.1", room_id="lobby", forward_id=99, answer=Moved()))

    (answer,) = world.say("2")
    world.after(0.0)
    assert answer == [Posted(seq=3)]


def test_routes_that_nobody_uses_are_forgotten(world: TwoNodes) -> None:
    world.say("1")
    world.after(200.0)

    assert world.here.router.remote_rooms is not None
    assert world.here.router.remote_rooms._routes == {}
