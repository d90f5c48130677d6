"""Who is not in a room learns nothing of it and costs it nothing."""

from __future__ import annotations

from typing import Any

import pytest

from chatapp.limits import LOOKS_PER_USER, MESSAGES_PER_ROOM, SEARCHES_PER_USER
from tests.unit.gateway.edge import Edge

ASKED: dict[str, dict[str, Any]] = {
    "message": {"client_id": "c1", "content": "one"},
    "presence": {},
    "typing": {"on": True},
    "read": {"seq": 1},
    "attach": {"value": {"a": 1}},
}


@pytest.mark.parametrize("name", ASKED)
def test_a_stranger_to_a_room_is_answered_by_the_gateway_and_wakes_nobody(edge: Edge, name: str) -> None:
    """At once, and alike whether there is such a room: it is asleep, awake, or none."""
    ana, ben = edge.connect("ana"), edge.connect("ben")
    edge.hear(ana, "join", room=f"awake-{name}")
    edge.hear_out(ana, "join", room=f"asleep-{name}")
    edge.disconnect(ana, on_purpose=True)
    edge.after(300)
    edge.hear_out(edge.connect("cy"), "join", room=f"awake-{name}")

    rooms = [f"{state}-{name}" for state in ("awake", "asleep", "no")]
    answers = [edge.hear(ben, name, room=room, **ASKED[name]) for room in rooms]

    assert answers == [["not_joined"]] * 3, "before anything else has run"
    assert not edge.node.is_awake(f"asleep-{name}")


def test_strangers_use_up_nothing_of_a_room_s_rate(edge: Edge) -> None:
    ana = edge.connect("ana")
    edge.hear_out(ana, "join")
    strangers = [edge.connect(f"stranger {number}") for number in range(MESSAGES_PER_ROOM.burst // 10 + 1)]
    for stranger in strangers:
        for number in range(10):
            edge.hear(stranger, "message", client_id=f"c{number}", content="psst")

    assert edge.hear_out(ana, "message", client_id="c1", content="one")[0].seq == 1


def test_a_ping_tells_heads_only_of_rooms_that_one_is_in(edge: Edge) -> None:
    ana = edge.connect("ana")
    edge.hear_out(ana, "join", room="mine")

    told = edge.hear(ana, "ping", t=1, heads={"mine": 0, "guessed": 0, "another": 7})

    assert edge.access.asked == [["mine"]]
    assert told[0].behind == {"mine": 5}


def test_reading_elsewhere_has_a_budget_and_reading_here_has_none(edge: Edge) -> None:
    ana = edge.connect("ana")
    edge.hear_out(ana, "join")

    def look(name: str, room: str, **payload: Any) -> Any:
        (answer,) = edge.hear(ana, name, room=room, **payload)
        return answer

    answers = [look("history", f"guessed-{number}") for number in range(LOOKS_PER_USER.burst - 2)]
    answers.append(look("lookup", "guessed", client_ids=["c1"]))
    answers.append(look("search", "guessed", q="word"))

    assert "rate_limited" not in answers
    assert look("search", "one-more", q="word") == "rate_limited"
    assert look("history", "one-more") == look("lookup", "one-more", client_ids=["c1"]) == "rate_limited"
    assert "rate_limited" not in [look("history", "lobby") for _ in range(2 * LOOKS_PER_USER.burst)]


def test_searching_has_a_rate_of_its_own_also_where_one_is(edge: Edge) -> None:
    ana = edge.connect("ana")
    edge.hear_out(ana, "join")

    answers = [edge.hear(ana, "search", q="Two words") for _ in range(SEARCHES_PER_USER.burst + 1)]

    assert answers == [*([[("two", "words")]] * SEARCHES_PER_USER.burst), ["rate_limited"]]
    assert edge.hear(ana, "history") == ["a page"]
