"""A room's turns: one batch at a time, stored before it is seen, told in one order."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil
from typing import Any

import pytest

from chatapp.errors import Muted, RoomBusy
from chatapp.kernel.durable_object import Turn
from chatapp.kernel.group_commit import GROUP_LIMIT
from chatapp.kernel.mailbox import MAILBOX_LIMIT, Envelope, Mailbox
from chatapp.kernel.tenure import BATCH_LIMIT
from tests.fakes.storage import Fate
from tests.unit.kernel.log_room import Enter, Entered, Exit, Look, Posted, Say
from tests.unit.kernel.world import OneNode

SLOW = Fate(before=1.0)


def test_a_message_gets_the_next_seq(world: OneNode) -> None:
    assert world.tell(Say(client_id="1"), Say(client_id="2")) == [Posted(seq=1), Posted(seq=2)]
    assert [event.client_id for event in world.log()] == ["1", "2"]


def test_what_waits_together_becomes_one_batch_in_the_order_of_arrival(world: OneNode) -> None:
    world.tell(Enter())

    world.tell(*(Say(client_id=str(n)) for n in range(10)))

    assert len(world.database.transactions) == 1
    assert [event.client_id for event in world.log()] == [str(n) for n in range(10)]


def test_a_room_has_one_batch_at_a_time(world: OneNode) -> None:
    world.fates.plan("commit", SLOW, SLOW)
    first = world.ask(Say(client_id="1"))
    world.after(0.5)

    second = world.ask(Say(client_id="2"))
    world.after(1.0)

    assert (first, second) == ([Posted(seq=1)], []), "the second waits for the first one's commit"
    world.after(1.0)
    assert second == [Posted(seq=2)]
    assert world.database.transactions == [["lobby"], ["lobby"]]


def test_a_batch_is_bounded(world: OneNode) -> None:
    world.tell(Enter())

    world.tell(*(Say(client_id=str(n)) for n in range(BATCH_LIMIT + 1)))

    assert world.meter.commits == [(1, BATCH_LIMIT), (1, 1)]


@pytest.mark.parametrize("way", ["on its way to the database", "on its way back"])
def test_nothing_is_seen_before_its_commit_has_answered(world: OneNode, way: str) -> None:
    world.tell(Enter(member="ana"))
    before = list(world.audience.history)
    world.fates.plan("commit", SLOW if way == "on its way to the database" else Fate(after=1.0))

    answers = [world.ask(Say(client_id="1")), world.ask(Enter(member="bo")), world.ask(Look())]
    world.after(0.99)

    assert answers == [[], [], []]
    assert world.audience.history == before
    world.after(0.02)
    assert answers == [[Posted(seq=1)], [Entered(head=1)], [1]]


def test_a_read_waits_for_the_commit_of_what_was_decided_before_it(world: OneNode) -> None:
    world.fates.plan("commit", SLOW)
    world.ask(Say(client_id="1"))
    world.after(0.5)

    head = world.ask(Look())
    world.after(0.1)

    assert head == []
    world.after(1.0)
    assert head == [1]


def test_a_batch_tells_the_leaving_then_everybody_then_the_newcomers_then_the_senders(world: OneNode) -> None:
    world.tell(Enter(member="ana"), Enter(member="bo"))
    world.audience.history.clear()
    history = world.audience.history
    world.process.router.send(Say(client_id="1"), lambda answer: history.append(("reply", answer)))

    world.tell(Enter(member="cy"), Exit(member="bo"))

    (said,) = world.log()
    assert world.audience.history == [
        ("leave", "lobby", "bo"),
        ("deliver", "lobby", (said,)),
        ("enter", "lobby", "cy", 1),
        ("reply", Posted(seq=1)),
    ]
    assert world.audience.seen == {"ana": [said]}


def test_a_newcomer_gets_what_its_own_batch_said_from_the_answer_and_the_rest_live(world: OneNode) -> None:
    _, entered = world.tell(Say(client_id="1"), Enter(member="ana", after=0))
    world.tell(Say(client_id="2"))

    first, second = world.log()
    assert entered == Entered(head=1, missed=(first,))
    assert world.audience.seen["ana"] == [second]


def test_who_enters_and_leaves_in_one_batch_hears_nothing(world: OneNode) -> None:
    world.tell(Enter(member="ana"), Exit(member="ana"))
    world.tell(Say(client_id="1"))

    assert world.audience.members("lobby") == ()
    assert world.audience.seen == {}


def test_a_refusal_is_an_answer_and_costs_nobody_else(world: OneNode) -> None:
    good, refusal, other = world.tell(Say(client_id="1"), Say(client_id="2", text="rude"), Say(client_id="3"))

    assert (good, other) == (Posted(seq=1), Posted(seq=2))
    assert isinstance(refusal, Muted)
    assert world.meter.drops == []


def test_a_repeat_is_answered_with_the_first_seq(world: OneNode) -> None:
    world.tell(Say(client_id="1"), Say(client_id="2"))

    assert world.tell(Say(client_id="1", is_retry=True)) == [Posted(seq=1, is_duplicate=True)]
    assert len(world.log()) == 2


def test_a_batch_with_nothing_to_store_needs_no_transaction(world: OneNode) -> None:
    world.tell(Say(client_id="1"))

    assert world.tell(Look()) == [1]
    assert len(world.database.transactions) == 1


def test_all_rooms_that_are_ready_share_one_transaction(world: OneNode) -> None:
    rooms = ["a", "b", "c"]
    world.tell(*(Enter(room_id=room) for room in rooms))

    world.tell(*(Say(room_id=room, client_id="1") for room in rooms))

    assert world.database.transactions == [rooms]
    assert world.meter.commits == [(3, 3)]


def test_rooms_that_become_ready_during_a_transaction_share_the_next(world: OneNode) -> None:
    rooms = ["a", "b", "c"]
    world.tell(*(Enter(room_id=room) for room in rooms))
    world.fates.plan("commit", SLOW)
    world.ask(Say(room_id="a", client_id="1"))
    world.after(0.1)

    late = [world.ask(Say(room_id=room, client_id="2")) for room in rooms]
    world.after(2.0)

    assert world.database.transactions == [["a"], ["b", "c", "a"]]
    assert late == [[Posted(seq=2)], [Posted(seq=1)], [Posted(seq=1)]]


def test_a_transaction_is_bounded_and_nobody_is_forgotten(world: OneNode) -> None:
    fitting = ceil(GROUP_LIMIT / BATCH_LIMIT)  # the last one may go beyond the limit
    rooms = [f"room {n}" for n in range(fitting + 2)]
    world.tell(*(Enter(room_id=room) for room in rooms))

    world.tell(*(Say(room_id=room, client_id=str(n)) for n in range(BATCH_LIMIT) for room in rooms))

    assert [len(transaction) for transaction in world.database.transactions] == [
        fitting,
        2,
    ]


def test_a_room_that_only_reads_goes_on_beside_a_transaction_without_starting_another() -> None:
    world = OneNode(looks_up=False)
    world.tell(Enter(room_id="reads"), Enter(room_id="writes"))
    world.fates.plan("commit", SLOW)

    looks = [world.ask(Look(room_id="reads")) for _ in range(BATCH_LIMIT)]
    late = world.ask(Say(room_id="reads", client_id="1"))
    said = world.ask(Say(room_id="writes", client_id="1"))
    world.after(0.5)
    assert (looks, late, said) == ([[0]] * BATCH_LIMIT, [], [])

    world.after(1.0)
    assert (late, said) == ([Posted(seq=1)], [Posted(seq=1)])
    assert world.database.transactions == [["writes"], ["reads"]]


def test_a_full_mailbox_refuses_and_the_others_are_served(world: OneNode) -> None:
    answers = [world.ask(Say(client_id=str(n))) for n in range(MAILBOX_LIMIT + 1)]

    (refusal,) = answers.pop()
    assert isinstance(refusal, RoomBusy)
    assert refusal.retry_after_ms == 500
    world.after(0.0)
    assert answers == [[Posted(seq=n + 1)] for n in range(MAILBOX_LIMIT)]


def test_a_full_room_does_not_slow_its_neighbour(world: OneNode) -> None:
    for n in range(MAILBOX_LIMIT):
        world.ask(Say(client_id=str(n)))

    assert world.tell(Say(room_id="next door", client_id="1")) == [Posted(seq=1)]


def test_what_is_put_back_comes_first_in_its_own_order_and_past_the_limit() -> None:
    mailbox = Mailbox(limit=1)
    a, b, c = (Envelope(Look()) for _ in range(3))
    mailbox.put(c)

    mailbox.put_back([a, b])

    assert list(mailbox) == [a, b, c]
    assert len(mailbox) == 3
    assert mailbox.take(2) == [a, b]
    assert mailbox.take_all() == [c]


def test_an_answer_is_given_once_whatever_is_said_later() -> None:
    answers: list[Any] = []
    envelope = Envelope(Look(), answers.append)

    envelope.answer("first")
    envelope.answer("second")

    assert answers == ["first"]


def test_an_answer_may_be_a_new_question(world: OneNode) -> None:
    """A gateway that retries does so from inside the answer it got."""
    answers: list[Any] = []
    ask_again: Callable[[Any], None] = lambda _: world.process.router.send(Look(), answers.append)  # noqa: E731

    world.process.router.send(Say(client_id="1"), ask_again)
    world.after(0.0)

    assert answers == [1]


def test_dismissing_somebody_who_never_entered_is_no_error() -> None:
    turn = Turn(now_ms=0)

    turn.dismiss("ana")

    assert (turn.entrances, turn.exits) == ([], ["ana"])
