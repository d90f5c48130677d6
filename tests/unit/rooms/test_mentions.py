"""Mentions: whom a message may call, what is told of it, and what is stored to count them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from msgspec.structs import replace

from chatapp.rooms.changing import DeleteMessage, EditMessage
from chatapp.rooms.commands import Member
from chatapp.rooms.events import RoomEvent
from chatapp.rooms.messages.bodies import Mention
from chatapp.rooms.messages.mentions import CalledAs
from chatapp.rooms.messages.targets import TargetId
from tests.unit.rooms.house import (
    ANA,
    BEN,
    HOUR,
    House,
    call,
    delete,
    edit,
    edit_calling,
    edit_files,
    files,
    http_post,
    leave,
    member,
    only,
    rules,
    target,
)

CLEO = member("cleo")
HERE = Mention(id="", name="here")


@pytest.fixture
def house(house: House) -> House:
    for person in (ANA, BEN):
        house.join(person)
    return house


def mention(who: Member, name: str | None = None) -> Mention:
    return Mention(id=who.user_id, name=name or who.name)


def told(house: House) -> Any:
    """The mentions of the newest event that was told."""
    return json.loads(only(house.said, RoomEvent)[-1].body).get("mentions")


def called(house: House, content: str, *mentions: Mention) -> list[str]:
    """The names that are kept of a message's mentions."""
    house.ask(call(ANA, f"n{len(house.storage.events)}", content, *mentions))
    return [one["name"] for one in told(house) or ()]


def test_a_mention_is_told_with_the_message_and_stored_in_it(house: House) -> None:
    house.ask(call(ANA, "c1", "hi @Ben", mention(BEN)))

    assert told(house) == [{"id": "ben", "name": "Ben"}]
    assert json.loads(house.storage.events[-1].body) == {"content": "hi @Ben", "mentions": told(house)}
    assert house.storage.mentions == {("ben", 1): 1}
    assert house.asked_for(CalledAs) == [], "who is here is known"


def test_an_answer_may_mention_too(house: House) -> None:
    message = target(house.post(BEN, "b1", "who?"))

    house.ask(call(ANA, "c1", "@Ben!", mention(BEN), to=message))

    body = json.loads(house.said[-1].body)
    assert (body["mentions"], body["reply_to"]["seq"]) == ([{"id": "ben", "name": "Ben"}], 1)
    assert body["quote"]["excerpt"] == "who?"
    assert house.storage.mentions == {("ben", 2): 2}


def test_a_message_with_files_may_mention_too(house: House) -> None:
    house.storage.upload("u1", "ana")
    house.storage.upload("u2", "ana")

    posted = house.ask(replace(files(ANA, "c1", "@Ben", "u1", "u2"), mentions=(mention(BEN),)))
    assert (told(house), house.storage.mentions) == ([{"id": "ben", "name": "Ben"}], {("ben", 1): 1})

    house.ask(replace(edit_files(ANA, "e1", target(posted), "@here", ["u1"]), mentions=(HERE,)))
    assert told(house) == [{"id": "", "name": "here", "since": 2}]
    assert [one["id"] for one in json.loads(house.storage.events[0].body)["uploads"]] == ["u1"]
    assert house.storage.mentions == {("", 2): 1}


def test_a_message_without_a_mention_that_holds_is_as_it_would_be_without_any(house: House) -> None:
    house.ask(call(ANA, "c1", "hi", mention(BEN)))

    assert house.said[-1].body == b'{"content":"hi"}'
    assert house.storage.mentions == {}


@pytest.mark.parametrize(
    ("content", "wanted", "kept"),
    [
        ("@Ben", [("ben", "Ben")], ["Ben"]),
        ("@ben", [("ben", "ben")], ["ben"]),  # as it was typed
        ("@B\u0435n", [("ben", "B\u0435n")], ["B\u0435n"]),  # to a reader it is the same name
        ("@Ben", [("ben", "Bob")], []),  # not in the text
        ("@Bob", [("ben", "Bob")], []),  # nobody knows Ben by it
        ("Ben", [("ben", "Ben")], []),
        ("@Ana", [("ben", "Ana")], []),  # another one's
        ("@Eve", [("eve", "Eve")], []),  # who never was here
        ("@Ben @Ben", [("ben", "Ben"), ("ben", "Ben")], ["Ben"]),
        ("@Ben @ben", [("ben", "Ben"), ("ben", "ben")], ["Ben"]),  # once a person
        ("@Ana @Ben", [("ben", "Ben"), ("ana", "Ana")], ["Ben", "Ana"]),
    ],
)
def test_what_holds_is_kept_and_the_rest_left_out(
    house: House, content: str, wanted: list[tuple[str, str]], kept: list[str]
) -> None:
    assert called(house, content, *(Mention(id=id_, name=name) for id_, name in wanted)) == kept


def test_nobody_is_called_by_themselves(house: House) -> None:
    assert called(house, "@Ana", mention(ANA)) == ["Ana"]
    assert house.storage.mentions == {}


def test_whoever_was_here_may_be_called_until_the_retention_is_over(house: House) -> None:
    house.join(CLEO)
    house.say(leave(CLEO))
    assert called(house, "@Cleo", mention(CLEO)) == ["Cleo"]

    house.now += house.rules.retention_ms + 1

    assert called(house, "@Cleo", mention(CLEO)) == []


def test_whoever_has_spoken_without_being_here_may_be_called(house: House) -> None:
    house.ask(http_post("Rob", "r1"))

    assert called(house, "@Rob", Mention(id="Rob", name="Rob")) == ["Rob"]


def test_all_who_are_here_may_be_called_where_they_are_few() -> None:
    house = House(rules(here_limit=2))
    for person in (ANA, BEN):
        house.join(person)
    assert called(house, "@here", HERE) == ["here"]
    assert house.storage.mentions == {("", 1): 1}

    house.join(CLEO)

    assert called(house, "@here", HERE) == []
    assert called(house, "@all", Mention(id="", name="all")) == []


# --- edits ----------------------------------------------------------------------------------


def test_an_edit_calls_those_who_are_new_and_says_since_when(house: House) -> None:
    house.join(CLEO)
    message = target(house.ask(call(ANA, "c1", "@Ben", mention(BEN))))

    house.ask(edit_calling(ANA, "e1", message, "@Ben @Cleo", mention(BEN), mention(CLEO)))

    now = [{"id": "ben", "name": "Ben"}, {"id": "cleo", "name": "Cleo", "since": 2}]
    assert told(house) == now
    assert json.loads(house.storage.events[0].body)["mentions"] == now
    assert json.loads(house.storage.events[1].body).keys() == {"target"}, "an edit holds no words"
    assert house.storage.mentions == {("ben", 1): 1, ("cleo", 2): 1}


def test_whoever_was_called_by_an_edit_is_not_called_again_by_the_next(house: House) -> None:
    message = target(house.post(ANA, "c1", "hi"))
    house.ask(edit_calling(ANA, "e1", message, "@Ben", mention(BEN)))

    house.ask(edit_calling(ANA, "e2", message, "@ben!", mention(BEN, "ben")))

    assert told(house) == [{"id": "ben", "name": "ben", "since": 2}]
    assert house.storage.mentions == {("ben", 2): 1}


@pytest.mark.parametrize("mentions", [(), (Mention(id="ben", name="Ben"),)])
def test_an_edit_calls_off_whom_it_does_not_name(house: House, mentions: tuple[Mention, ...]) -> None:
    message = target(house.ask(call(ANA, "c1", "@Ben @here", mention(BEN), HERE)))

    house.ask(edit_calling(ANA, "e1", message, "@Ana", *mentions))

    assert told(house) is None
    assert house.storage.mentions == {}


def test_an_edit_by_a_client_that_knows_no_mentions_leaves_none(house: House) -> None:
    message = target(house.ask(call(ANA, "c1", "@Ben", mention(BEN))))

    house.ask(edit(ANA, "e1", message, "@Ben!"))

    assert told(house) is None
    assert house.storage.mentions == {}


def test_who_has_gone_stays_called_as_they_were(house: House) -> None:
    """Other words for a message do not call off whom it called, though they could not be called anew."""
    house.join(CLEO)
    message = target(house.ask(call(ANA, "c1", "@Cleo", mention(CLEO))))
    house.say(leave(CLEO))
    house.storage.sessions = {key: s for key, s in house.storage.sessions.items() if key[0] != "cleo"}

    house.ask(edit_calling(ANA, "e1", message, "@Cleo?", mention(CLEO)))

    assert told(house) == [{"id": "cleo", "name": "Cleo"}]


@pytest.mark.parametrize("name", ["Boss", "Ana"])
def test_who_was_called_is_not_called_by_any_name(house: House, name: str) -> None:
    message = target(house.ask(call(ANA, "c1", "@Ben", mention(BEN))))

    house.ask(edit_calling(ANA, "e1", message, f"@{name}", mention(BEN, name)))

    assert told(house) is None


def test_a_deletion_takes_the_mentions_away(house: House) -> None:
    message = target(house.ask(call(ANA, "c1", "@Ben @here", mention(BEN), HERE)))
    house.ask(edit_calling(ANA, "e1", message, "@Ben @here", mention(BEN), HERE))

    house.ask(delete(ANA, "d1", message))

    assert house.storage.mentions == {}
    assert "mentions" not in json.loads(house.storage.events[0].body)


def test_what_is_said_edited_and_deleted_in_one_batch_leaves_nothing(house: House) -> None:
    message = TargetId(seq=1, id=f"id-{house.ids + 1}")

    house.say(
        call(ANA, "c1", "@Ben", mention(BEN)),
        edit_calling(ANA, "e1", message, "@Ben @here", mention(BEN), HERE),
        delete(ANA, "d1", message),
    )

    assert [event.type for event in house.storage.events] == ["message", "edit", "delete"]
    assert house.storage.mentions == {}


# --- names ----------------------------------------------------------------------------------


def test_a_mention_stays_as_it_was_when_its_person_takes_another_name(house: House) -> None:
    house.ask(call(ANA, "c1", "@Ben", mention(BEN)))
    house.join(member("ben", name="Benjamin"))

    (message,) = house.join(ANA).events

    assert json.loads(message.body)["mentions"] == [{"id": "ben", "name": "Ben"}]
    assert called(house, "@Benjamin", mention(BEN, "Benjamin")) == ["Benjamin"]


def test_one_is_known_by_a_name_one_has_spoken_under(house: House) -> None:
    house.post(BEN, "b1")
    house.join(member("ben", name="Benjamin"))

    assert called(house, "@Ben", mention(BEN)) == ["Ben"]


def test_nothing_is_asked_that_is_known(house: House) -> None:
    house.post(ANA, "c1", "plain")
    house.ask(edit(ANA, "e1", TargetId(seq=1, id=house.storage.events[0].id), "plainer"))
    house.ask(call(ANA, "c2", "@Ben @here", mention(BEN), HERE))
    assert house.asked_for(CalledAs) == []

    house.ask(call(ANA, "c3", "@Cleo", mention(CLEO), mention(CLEO)))

    (question,) = house.asked_for(CalledAs)
    assert question.people == (("cleo", "Cleo"),)
    assert question.cutoff == house.now - house.rules.retention_ms


def test_a_message_calls_also_while_the_room_has_slept(house: House) -> None:
    message = target(house.ask(call(ANA, "c1", "@Ben", mention(BEN))))
    house.pass_time(HOUR)
    house.wake()

    house.ask(edit_calling(ANA, "e1", message, "@Ben @here", mention(BEN), HERE))

    assert told(house) == [{"id": "ben", "name": "Ben"}, {"id": "", "name": "here", "since": 2}]
    assert house.storage.mentions == {("ben", 1): 1, ("", 2): 1}


def test_commands_of_a_version_before_are_what_they_were() -> None:
    """What calls people has commands of its own: a node of before must not take them for others."""
    assert "mentions" not in {*EditMessage.__struct_fields__, *DeleteMessage.__struct_fields__}
