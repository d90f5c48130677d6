"""A connection's stay in a room ends when it ends, whatever the room could be told at that moment."""

from __future__ import annotations

import pytest

from chatapp.gateway.delivery.connections import Connection
from chatapp.kernel.mailbox import MAILBOX_LIMIT
from chatapp.kernel.ports import Outcome
from chatapp.rooms.attendance.aspect import GetPresence
from tests.fakes.storage import Fate
from tests.unit.gateway.edge import Edge


@pytest.fixture
def ana(edge: Edge) -> Connection:
    ana = edge.connect("ana")
    edge.hear(ana, "join")
    edge.after(1)
    assert "lobby" in ana.rooms
    return ana


@pytest.mark.parametrize("ending", [Outcome.UNAVAILABLE, Outcome.FULL, Outcome.IN_DOUBT])
def test_one_whose_sign_out_could_not_be_stored_at_first_is_gone_all_the_same(
    edge: Edge, ana: Connection, ending: Outcome
) -> None:
    edge.fates.plan("commit", Fate(answer=ending))

    edge.disconnect(ana, on_purpose=True)
    edge.after(2)

    assert edge.audience.members("lobby") == ()
    assert edge.people() == set()


def test_one_that_ends_while_the_room_is_too_busy_to_hear_it_is_gone_after_the_grace(
    edge: Edge, ana: Connection
) -> None:
    """The room stays awake all the while, so no fresh memory would put it right."""
    for _ in range(MAILBOX_LIMIT):
        edge.router.send(GetPresence(room_id="lobby", member=ana.rooms["lobby"]))

    edge.disconnect(ana)
    edge.after(30)

    assert edge.people() == set()


def test_a_leave_that_was_refused_can_be_asked_for_again(edge: Edge, ana: Connection) -> None:
    edge.fates.plan("commit", Fate(answer=Outcome.UNAVAILABLE))

    refused = edge.hear(ana, "leave")
    edge.after(1)
    edge.hear(ana, "leave")
    edge.after(1)

    assert refused == ["storage_unavailable"]
    assert edge.people() == set()


def test_one_that_ends_while_its_leave_is_refused_is_gone_all_the_same(edge: Edge, ana: Connection) -> None:
    edge.fates.plan("commit", Fate(after=2, answer=Outcome.UNAVAILABLE))

    edge.hear(ana, "leave")
    edge.after(1)
    edge.disconnect(ana)
    edge.after(60)

    assert edge.people() == set()


def test_a_room_is_not_made_for_one_that_has_left_before_it_was_there(edge: Edge) -> None:
    ben = edge.connect("ben")

    joined, left = edge.hear(ben, "join"), edge.hear(ben, "leave")
    edge.after(1)
    edge.disconnect(ben)
    edge.after(60)

    assert joined == ["room_not_found"]
    assert left[0].ok
    assert edge.people() == set()


def test_a_join_that_fails_does_not_undo_the_one_behind_it(edge: Edge, ana: Connection) -> None:
    ben = edge.connect("ben")
    ben.name = ana.name

    refused = edge.hear(ben, "join")
    edge.connections.rename("ben", "Ben")
    joined = edge.hear(ben, "join")
    edge.after(1)
    assert refused == ["name_taken"]
    assert joined[0].ok
    edge.disconnect(ben)
    edge.after(60)

    assert edge.people() == {"ana"}


def test_what_is_said_right_behind_the_join_that_makes_the_room_comes_behind_it(edge: Edge) -> None:
    ben = edge.connect("ben")

    answers = [
        edge.hear(ben, "join"),
        edge.hear(ben, "message", client_id="c1", content="one"),
        edge.hear(ben, "message", client_id="c2", content="two"),
    ]
    edge.after(1)

    assert [answer[0].ok for answer in answers] == [True, True, True]
    assert [answers[1][0].seq, answers[2][0].seq] == [1, 2]


def test_a_stranger_to_a_room_that_is_none_makes_none(edge: Edge) -> None:
    refused = edge.hear(edge.connect("ben"), "message", client_id="c1", content="one")
    edge.after(1)

    assert refused == ["not_joined"]
    assert edge.database.rooms == {}
