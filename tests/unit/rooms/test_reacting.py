"""Reactions: settings of several people, told together, each with its own outcome."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chatapp.errors import NameTaken, NotJoined, TargetGone, TooMany
from chatapp.rooms.messages.targets import ReactionsOf, ReactionsOn, TargetId
from chatapp.rooms.reacting import Reacted, as_error
from tests.unit.rooms.house import (
    ANA,
    BEN,
    House,
    delete,
    join,
    leave,
    member,
    react,
    reaction,
    rules,
    target,
)


@pytest.fixture
def message(house: House) -> TargetId:
    house.join(ANA)
    house.join(BEN)
    return target(house.post(ANA, "c1"))


def counts(house: House) -> Any:
    """What a newcomer gets to see on the first message."""
    (first, *_) = house.join(BEN, since=0).events
    return {each["emoji"]: each["count"] for each in json.loads(first.body).get("reactions", ())}


def outcomes(reacted: Reacted) -> list[Any]:
    return [
        outcome.seq if outcome.refusal is None else type(as_error(outcome.refusal))
        for outcome in reacted.outcomes
    ]


@pytest.mark.parametrize("sleeps", [False, True])
def test_what_several_people_set_is_one_event_and_each_has_its_own_outcome(
    house: House, message: TargetId, sleeps: bool
) -> None:
    if sleeps:
        house.wake()
    changes = [
        reaction(ANA, message),
        reaction(BEN, message),
        reaction(member("eve"), message),  # who is not here
        reaction(BEN, message),  # said twice
        reaction(BEN, TargetId(seq=9, id="x")),
    ]

    reacted = house.ask(react(*changes))

    assert outcomes(reacted) == [2, 2, NotJoined, None, TargetGone]
    (event,) = house.said
    assert (event.type, event.user_id, event.user_name, event.client_id) == ("react", "", "", event.id)
    where = {"seq": 1, "id": message.id}
    assert json.loads(event.body)["changes"] == [
        {"target": where, "emoji": "👍", "user": {"id": "ana", "name": "Ana"}, "on": True, "count": 1},
        {"target": where, "emoji": "👍", "user": {"id": "ben", "name": "Ben"}, "on": True, "count": 2},
    ]
    assert counts(house) == {"👍": 2}


@pytest.mark.parametrize("sleeps", [False, True])
def test_the_last_word_counts_and_the_same_again_changes_nothing(
    house: House, message: TargetId, sleeps: bool
) -> None:
    house.ask(react(reaction(ANA, message)))
    if sleeps:
        house.wake()

    assert outcomes(house.ask(react(reaction(ANA, message)))) == [None]
    assert house.said == []
    assert outcomes(house.ask(react(reaction(ANA, message, on=False)))) == [3]
    assert outcomes(house.ask(react(reaction(ANA, message, on=False)))) == [None]
    assert counts(house) == {}
    assert house.storage.reactions == {}


def test_commands_of_one_batch_see_what_those_before_have_set(house: House, message: TargetId) -> None:
    first, second, third, _, late = house.say(
        react(reaction(ANA, message)),
        react(reaction(ANA, message)),
        react(reaction(BEN, message)),
        delete(ANA, "c2", message),
        react(reaction(BEN, message, "🎉")),
    )

    assert [outcomes(each) for each in (first, second, third, late)] == [[2], [None], [3], [TargetGone]]


def test_emoji_stay_in_the_order_in_which_they_came_whoever_takes_theirs_back(
    house: House, message: TargetId
) -> None:
    house.ask(react(reaction(ANA, message, "👍"), reaction(ANA, message, "🎉")))
    assert list(counts(house)) == ["🎉", "👍"], "together they came in the order in which they are read"
    house.ask(react(reaction(BEN, message, "❤️"), reaction(BEN, message, "👍")))
    house.ask(react(reaction(ANA, message, "👍", on=False)))

    awake = list(counts(house))
    house.wake()

    assert awake == list(counts(house)) == ["🎉", "👍", "❤️"]
    house.ask(react(reaction(BEN, message, "👍", on=False), reaction(BEN, message, "👍")))
    assert list(counts(house)) == ["🎉", "❤️", "👍"], "one that had gone is new"


def test_a_message_has_so_many_different_emoji_and_any_number_of_people(
    house: House, message: TargetId
) -> None:
    emoji = [chr(0x1F600 + n) for n in range(21)]
    assert outcomes(house.ask(react(*(reaction(ANA, message, each) for each in emoji)))) == [2] * 20 + [
        TooMany
    ]
    assert outcomes(house.ask(react(reaction(BEN, message, emoji[0])))) == [3]
    house.ask(react(reaction(ANA, message, emoji[1], on=False)))
    assert outcomes(house.ask(react(reaction(BEN, message, emoji[20])))) == [5]


def test_a_reaction_without_a_socket_is_under_a_name_that_is_nobody_else_s(
    house: House, message: TargetId
) -> None:
    other = member("eve", name="Ana")
    assert outcomes(house.ask(react(reaction(other, message, member=None)))) == [NameTaken]
    assert outcomes(house.ask(react(reaction(member("eve"), message, member=None)))) == [2]
    house.ask(leave(ANA))
    assert outcomes(house.ask(react(reaction(ANA, message, member=None)))) == [3]


@pytest.mark.parametrize("sleeps", [False, True])
def test_a_newcomer_is_told_what_they_have_set_themselves(
    house: House, message: TargetId, sleeps: bool
) -> None:
    house.ask(react(reaction(BEN, message, "🎉"), reaction(ANA, message), reaction(BEN, message)))
    if sleeps:
        house.wake()

    assert house.join(BEN).mine == {1: ["🎉", "👍"]}
    assert house.join(ANA).mine == {1: ["👍"]}
    assert house.join(BEN, limit=0).mine == {}
    _, joined = house.say(react(reaction(BEN, message, on=False)), join(BEN))
    assert joined.mine == {1: ["🎉"]}


def test_where_nobody_has_reacted_nobody_asks(house: House, message: TargetId) -> None:
    house.asked.clear()
    house.join(BEN)
    assert house.asked_for(ReactionsOf, ReactionsOn) == []

    house.ask(react(reaction(ANA, message)))
    house.join(BEN)
    house.post(ANA, "c2")
    assert [question.after for question in house.asked_for(ReactionsOf)] == [0]
    assert len(house.asked_for(ReactionsOn)) == 1


def test_of_an_old_message_the_row_is_told_that_was_changed() -> None:
    house = House(rules(page_limit=1))
    house.join(ANA)
    message = target(house.post(ANA, "c1"))
    house.fill(2)
    house.ask(react(reaction(ANA, message)))

    assert house.storage.events[0].rev == 4
    assert outcomes(house.ask(react(reaction(ANA, message)))) == [None]
