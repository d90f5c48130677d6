"""What becomes of a batch when storage does not simply say yes. Memory is never repaired."""

from __future__ import annotations

from typing import Any

import pytest

from chatapp.errors import ChatError, Internal, OwnerUnavailable, StorageFull, StorageUnavailable
from chatapp.kernel.ports import Outcome
from tests.fakes.storage import Fate
from tests.unit.kernel.log_room import Enter, Look, Posted, Say
from tests.unit.kernel.world import OneNode


def codes(answers: list[Any]) -> list[Any]:
    return [answer.code if isinstance(answer, ChatError) else answer for answer in answers]


@pytest.mark.parametrize(
    ("outcome", "error"),
    [
        (Outcome.UNAVAILABLE, StorageUnavailable),
        (Outcome.FULL, StorageFull),
        (Outcome.IN_DOUBT, OwnerUnavailable),
    ],
)
def test_a_commit_that_failed_drops_the_room_and_says_why(
    world: OneNode, outcome: Outcome, error: type[ChatError]
) -> None:
    world.tell(Enter(member="ana"))
    world.fates.plan("commit", Fate(answer=outcome))

    answers = world.tell(Say(client_id="1"), Say(client_id="2"), Look())

    assert codes(answers) == [error.code] * 3
    assert all(answer.retryable for answer in answers)
    assert world.meter.drops == world.meter.unstored == [outcome.name.lower()]
    assert world.audience.seen == {}
    assert world.tell(Say(client_id="2", is_retry=True)) == [Posted(seq=1)], "memory did not count on"


def test_what_waits_behind_a_failed_batch_is_decided_by_a_fresh_memory(world: OneNode) -> None:
    world.tell(Enter())
    world.fates.plan("commit", Fate(before=1.0, answer=Outcome.UNAVAILABLE))
    world.ask(Say(client_id="1"))
    world.after(0.5)
    second = world.ask(Say(client_id="2"))
    world.after(1.0)

    assert second == [Posted(seq=1)]
    assert world.row().epoch == 2


@pytest.mark.parametrize("is_stored", [True, False])
def test_after_a_commit_in_doubt_a_wake_announces_what_it_left_and_the_retry_finds_out(
    world: OneNode, is_stored: bool
) -> None:
    world.tell(Enter(member="ana"))
    world.fates.plan("commit", Fate(answer=Outcome.IN_DOUBT, happens=is_stored))

    (answer,) = world.tell(Say(client_id="1"))

    assert isinstance(answer, OwnerUnavailable)
    assert world.audience.heads[1:] == [("lobby", 2, int(is_stored))]
    retried = world.tell(Say(client_id="1", is_retry=True))
    assert retried == [Posted(seq=1, is_duplicate=is_stored)]
    assert len(world.log()) == 1


def test_a_commit_that_ends_in_an_exception_is_in_doubt(world: OneNode) -> None:
    world.fates.plan("commit", Fate(answer=ConnectionError("gone"), happens=True))

    (answer,) = world.tell(Say(client_id="1"))

    assert isinstance(answer, OwnerUnavailable)
    assert world.meter.drops == ["in_doubt"]


def test_a_doubtful_commit_concerns_every_room_in_it(world: OneNode) -> None:
    world.tell(Enter(room_id="a"), Enter(room_id="b"))
    world.fates.plan("commit", Fate(answer=Outcome.IN_DOUBT))

    answers = world.tell(Say(room_id="a", client_id="1"), Say(room_id="b", client_id="1"))

    assert codes(answers) == ["owner_unavailable"] * 2
    assert world.meter.drops == ["in_doubt"] * 2


def test_a_stale_batch_is_decided_again_by_a_fresh_tenure(world: OneNode) -> None:
    """Another node had the room meanwhile, said something in it, and gave it back."""
    world.tell(Say(client_id="1"))
    database = world.database
    database.register("b.1")
    database.declare_dead(world.node.node_id)
    other = database.acquire("lobby", "b.1", create=False)
    database.release(other.lease)
    database.register(world.node.node_id)

    answers = world.tell(Say(client_id="2"), Say(client_id="3"))

    assert answers == [Posted(seq=2), Posted(seq=3)]
    assert world.meter.drops == ["stale"]
    assert [row.epoch for row in world.row().log] == [1, 3, 3]


def test_a_room_of_a_dead_node_counts_as_taken_over(world: OneNode) -> None:
    world.database.register("b.1")
    world.database.acquire("lobby", "b.1", create=True)
    world.database.declare_dead("b.1")

    world.tell(Say(client_id="1"))
    world.tell(Say(room_id="kitchen", client_id="1"))

    assert len(world.meter.wakes) == 2
    assert world.meter.takeovers == 1


def test_a_stale_batch_whose_room_another_node_keeps_is_refused_for_now(world: OneNode) -> None:
    world.tell(Say(client_id="1"))
    database = world.database
    database.register("b.1")
    database.declare_dead(world.node.node_id)
    database.acquire("lobby", "b.1", create=False)
    database.register(world.node.node_id)

    answer = world.ask(Say(client_id="2"))
    world.after(6.0)

    assert codes(answer) == ["owner_unavailable"]
    assert world.node.awake_rooms == 0


@pytest.mark.parametrize("outcome", [Outcome.STALE, Outcome.IN_DOUBT])
def test_a_write_that_was_held_back_or_is_in_doubt_leaves_a_line_with_room_epoch_and_seq(
    world: OneNode, caplog: pytest.LogCaptureFixture, outcome: Outcome
) -> None:
    world.tell(Say(client_id="1"))
    world.fates.plan("commit", Fate(answer=outcome))

    world.tell(Say(client_id="2"))

    (line,) = [vars(record) for record in caplog.records]
    assert (line["levelname"], line["room"], line["epoch"], line["seq"]) == ("WARNING", "lobby", 1, 1)
    assert outcome.name.lower() in caplog.text


def test_a_batch_that_is_stale_again_and_again_is_given_up(world: OneNode) -> None:
    world.fates.plan("commit", *[Fate(answer=Outcome.STALE)] * 4)

    assert codes(world.tell(Say(client_id="1"))) == ["owner_unavailable"]
    assert world.meter.drops == ["stale"] * 4


def test_a_stale_room_costs_the_others_of_its_transaction_nothing(world: OneNode) -> None:
    world.tell(Enter(room_id="a"), Enter(room_id="b"))
    world.row("a").epoch += 1

    answers = world.tell(Say(room_id="a", client_id="1"), Say(room_id="b", client_id="1"))

    assert answers == [Posted(seq=1), Posted(seq=1)]
    assert world.database.transactions == [["a", "b"], ["a"]]


def test_a_duplicate_that_only_the_database_remembers_is_looked_up_and_answered(world: OneNode) -> None:
    """The room has forgotten the id, and looks ids up on its own only soon after a wake."""
    world.tell(Say(client_id="old"))
    world.after(120.0)
    world.tell(Look())
    for _ in range(2):
        world.after(40.0)
        world.tell(Look())
    assert world.row().epoch == 2

    answers = world.tell(Say(client_id="new"), Say(client_id="old"), Say(client_id="newer"))

    assert answers == [Posted(seq=2), Posted(seq=1, is_duplicate=True), Posted(seq=3)]
    assert world.meter.drops == ["duplicate"]
    assert world.audience.heads[-1] == ("lobby", 3, 1)


def test_what_was_decided_from_what_is_no_longer_so_is_decided_anew(world: OneNode) -> None:
    world.tell(Enter(member="ana"))
    world.fates.plan("commit", Fate(answer=Outcome.OUTDATED))

    answers = world.tell(Say(client_id="1"), Say(client_id="2"))

    assert answers == [Posted(seq=1), Posted(seq=2)]
    assert world.meter.drops == world.meter.unstored == ["outdated"]
    assert world.audience.seen["ana"] == world.log(), "nothing of the first decision was told"


def test_a_refused_row_costs_its_sender_alone(world: OneNode) -> None:
    world.tell(Enter(member="ana"))

    answers = world.tell(Say(client_id="1"), Say(client_id="2", text="poison"), Say(client_id="3"))

    assert codes(answers) == [Posted(seq=1), "internal", Posted(seq=2)]
    assert isinstance(answers[1], Internal)
    assert world.audience.seen["ana"] == world.log()


def test_a_refused_row_costs_the_other_rooms_of_its_transaction_nothing(world: OneNode) -> None:
    world.tell(Enter(room_id="a"), Enter(room_id="b"))

    answers = world.tell(Say(room_id="a", client_id="1", text="poison"), Say(room_id="b", client_id="1"))

    assert codes(answers) == ["internal", Posted(seq=1)]
    assert world.row("b").epoch == 1


def test_after_the_one_by_one_the_room_shares_transactions_again(world: OneNode) -> None:
    world.tell(Enter())
    world.tell(Say(client_id="1"), Say(client_id="2", text="poison"))
    world.database.transactions.clear()

    world.tell(Say(client_id="3"), Say(client_id="4"))

    assert world.database.transactions == [["lobby"]]


def test_several_refused_rows_are_all_found(world: OneNode) -> None:
    texts = ["fine", "poison", "fine", "poison", "poison", "fine"]

    answers = world.tell(*(Say(client_id=str(n), text=text) for n, text in enumerate(texts)))

    assert codes(answers) == [
        "internal" if text == "poison" else Posted(seq=texts[:n].count("fine") + 1)
        for n, text in enumerate(texts)
    ]


def test_mail_that_comes_during_the_one_by_one_keeps_its_place_behind(world: OneNode) -> None:
    world.fates.plan("commit", Fate(), Fate(before=1.0))
    first = [world.ask(Say(client_id="1")), world.ask(Say(client_id="2", text="poison"))]
    third = world.ask(Say(client_id="3"))
    world.after(0.5)
    late = world.ask(Say(client_id="4"))
    world.after(2.0)

    assert codes([heard[0] for heard in (*first, third, late)]) == [
        Posted(seq=1),
        "internal",
        Posted(seq=2),
        Posted(seq=3),
    ]


@pytest.mark.parametrize(
    ("error", "code"),
    [(StorageUnavailable(), "storage_unavailable"), (TimeoutError(), "storage_unavailable")],
)
def test_a_read_that_fails_drops_the_room_and_says_why(world: OneNode, error: Exception, code: str) -> None:
    world.tell(Enter())
    world.fates.plan("load", Fate(answer=error))

    assert codes(world.tell(Say(client_id="1"), Look())) == [code, code]
    assert world.meter.drops == ["read"]
    assert world.tell(Say(client_id="1", is_retry=True)) == [Posted(seq=1)]


@pytest.mark.parametrize("outcome", [Outcome.UNAVAILABLE, Outcome.FULL])
def test_a_room_that_failed_wakes_again_by_itself_because_somebody_s_time_may_be_running(
    world: OneNode, outcome: Outcome
) -> None:
    """A tick that could not be stored is nobody's to send again, and its deadline died with the memory."""
    world.tell(Enter(member="ana"))
    world.fates.plan("commit", Fate(answer=outcome))

    world.tell(Say(client_id="1"))
    world.after(2.0)

    assert world.node.awake_rooms == 1
    assert world.row().epoch == 2
