"""A bug costs the command that found it; the room, its memory and its neighbours go on."""

from __future__ import annotations

from typing import Any

import pytest

from chatapp.errors import ChatError, Internal, OwnerUnavailable
from tests.fakes.storage import Fate
from tests.unit.kernel.log_room import Enter, Look, Posted, Say
from tests.unit.kernel.test_outcomes import codes
from tests.unit.kernel.world import OneNode


@pytest.mark.parametrize("method", ["need", "learn", "handle", "finish"])
def test_a_bug_while_deciding_costs_only_the_command_that_has_it(world: OneNode, method: str) -> None:
    world.tell(Enter(member="ana"), Enter(room_id="next door", member="zoe"))

    answers = world.tell(
        Say(client_id="1"),
        Say(client_id="2", text=f"bug in {method}"),
        Say(client_id="3"),
        Say(room_id="next door", client_id="1"),
    )

    assert codes(answers) == [Posted(seq=1), "internal", Posted(seq=2), Posted(seq=1)]
    assert [event.client_id for event in world.log()] == ["1", "3"]
    assert world.audience.seen["ana"] == world.log()


def test_what_a_bug_half_changed_is_forgotten(world: OneNode) -> None:
    world.tell(Say(client_id="1"), Say(client_id="2", text="bug in handle"))

    assert world.tell(Look(), Say(client_id="3")) == [1, Posted(seq=2)]


def test_a_bug_while_waking_is_answered_and_the_next_command_tries_again(world: OneNode) -> None:
    world.process.awaken_breaks = 1

    assert codes(world.tell(Say(client_id="1"), Look())) == ["internal", "internal"]
    assert world.node.awake_rooms == 0
    assert world.tell(Say(client_id="1")) == [Posted(seq=1)]


@pytest.mark.parametrize("method", ["members", "announce"])
def test_a_bug_of_the_audience_while_waking_leaves_no_half_awake_room(world: OneNode, method: str) -> None:
    world.audience.breaks_on = method

    assert codes(world.tell(Say(client_id="1"))) == ["internal"]
    assert world.tell(Say(client_id="1")) == [Posted(seq=1)]
    world.after(200.0)
    assert world.node.awake_rooms == 0


def test_a_retry_from_inside_the_answer_to_a_failed_wake_is_not_lost(world: OneNode) -> None:
    answers: list[Any] = []

    def retry(answer: Any) -> None:
        answers.append(answer)
        if isinstance(answer, ChatError):
            world.process.router.send(Say(client_id="1"), retry)

    world.process.awaken_breaks = 1
    world.process.router.send(Say(client_id="1"), retry)
    world.after(1.0)

    assert codes(answers) == ["internal", Posted(seq=1)]


@pytest.mark.parametrize("method", ["deliver", "enter"])
def test_a_bug_of_the_audience_is_answered_and_repaired_by_a_wake(world: OneNode, method: str) -> None:
    """What is stored stays stored; the announced head tells everybody what they did not hear."""
    world.tell(Enter(member="ana"), Enter(room_id="next door", member="zoe"))
    world.audience.breaks_on = method

    answers = world.tell(
        Say(client_id="1"), Enter(member="bo"), Say(room_id="next door", client_id="1", text="unhurt")
    )

    assert codes(answers) == ["owner_unavailable", "owner_unavailable", Posted(seq=1)]
    assert world.audience.heads[-1] == ("lobby", 2, 1)
    assert world.tell(Say(client_id="1", is_retry=True)) == [Posted(seq=1, is_duplicate=True)]


def test_a_bug_of_the_audience_during_the_repair_hurts_no_other_room(world: OneNode) -> None:
    world.tell(Enter(member="ana"), Enter(room_id="next door", member="zoe"))
    world.fates.plan("commit", Fate(answer=ConnectionError()))
    world.audience.breaks_on = "members"

    answers = world.tell(Say(client_id="1"), Say(room_id="next door", client_id="1"))

    assert [type(answer) for answer in answers] == [OwnerUnavailable, OwnerUnavailable]
    assert world.tell(Say(client_id="2"), Say(room_id="next door", client_id="2")) == [
        Posted(seq=1),
        Posted(seq=1),
    ]


def test_a_sender_whose_answer_cannot_be_delivered_hurts_nobody_else(world: OneNode) -> None:
    calls: list[Any] = []

    def broken(answer: Any) -> None:
        calls.append(answer)
        raise ZeroDivisionError("a bug in the edge")

    world.process.router.send(Say(client_id="1"), broken)
    answers = world.tell(Say(client_id="2"), Say(room_id="next door", client_id="1"))

    assert calls == [Posted(seq=1)]
    assert answers == [Posted(seq=2), Posted(seq=1)]
    assert world.meter.drops == []


def test_a_single_command_with_a_bug_is_internal(world: OneNode) -> None:
    (answer,) = world.tell(Say(client_id="1", text="bug in handle"))

    assert isinstance(answer, Internal)
    assert world.meter.drops == ["bug"]
