"""Two people talk, one at a desktop and one on a phone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import pytest
from playwright.sync_api import expect

from tests.e2e.people import People
from tests.e2e.person import Person
from tests.running import Nodes, RunningNode, until

Pause = Callable[[], None]


@pytest.fixture(scope="module")
def sleepy_node(chromium_path: str, nodes: Nodes) -> Iterator[RunningNode]:
    with nodes.running(CHAT_ROOM_IDLE_SECONDS="0.1", CHAT_PRESENCE_GRACE_SECONDS="1") as node:
        yield node


def test_two_people_talk_and_both_see_the_same(people: People, node: RunningNode, room: str) -> None:
    converse(people.ana(), people.ben(), node, room, pause=lambda: None)


def test_a_room_that_sleeps_between_any_two_steps_looks_the_same(
    people: People, sleepy_node: RunningNode, room: str
) -> None:
    converse(people.ana(), people.ben(), sleepy_node, room, pause=partial(until_all_sleep, sleepy_node))


def test_a_taken_name_is_refused_another_is_offered_and_taken(
    people: People, node: RunningNode, room: str
) -> None:
    ana, other = people.ana(), people.ben()
    ana.enter(node, room)

    other.open(node, room)
    expect(other.dialog).to_be_visible()
    count = other.page.locator("#people-count")
    expect(count).to_be_hidden()  # nobody knows it before joining
    other.give_name("Ana")

    expect(other.page.get_by_role("heading", name="That name is taken here")).to_be_visible()
    expect(count).to_be_hidden()
    ana.sees_people("Ana")
    offered = other.page.get_by_test_id("name-input").input_value()
    assert offered != "Ana"
    expect(other.dialog).to_have_accessible_description(f"How about “{offered}”?")
    assert other.page.evaluate("getSelection().toString()") == offered

    other.page.get_by_test_id("name-submit").click()
    expect(other.dialog).to_be_hidden()
    other.sees_people(offered, "Ana")
    ana.sees_people("Ana", offered)
    expect(count).to_have_text("2")


def test_a_new_name_is_on_everybodys_list(people: People, node: RunningNode, room: str) -> None:
    ana, ben = people.ana(), people.ben()
    ana.enter(node, room)
    ben.enter(node, room)
    ana.sees_people("Ana", "Ben")

    ana.page.get_by_role("button", name="Rename").click()
    ana.give_name("Zoë")

    ana.sees_people("Zoë", "Ben")
    ben.sees_people("Ben", "Zoë")


def is_refused_the_name_of(other: Person, person: Person) -> None:
    person.page.get_by_role("button", name="Rename").click()
    person.give_name(other.name)
    expect(person.page.get_by_role("heading", name="That name is taken here")).to_be_visible()


def test_a_rename_to_a_taken_name_can_be_taken_back(people: People, node: RunningNode, room: str) -> None:
    ana, ben = people.ana(), people.ben()
    ana.enter(node, room)
    ben.enter(node, room)
    ana.sees_people("Ana", "Ben")

    is_refused_the_name_of(ben, ana)
    ana.page.get_by_role("button", name="Keep “Ana”").click()

    ana.is_online()
    expect(ana.dialog).to_be_hidden()
    ana.sees_people("Ana", "Ben")
    ben.sees_people("Ben", "Ana")
    ana.page.reload()
    ana.is_online()
    expect(ana.dialog).to_be_hidden()


def test_a_refused_name_changes_nothing(people: People, node: RunningNode, room: str) -> None:
    ana, ben = people.ana(), people.ben()
    ana.enter(node, room)
    ben.enter(node, room)
    is_refused_the_name_of(ben, ana)

    ben.say("Are you there?")
    ana.sees("Are you there?")
    ben.sees_people("Ben", "Ana")
    ana.page.reload()
    ana.is_online()
    expect(ana.dialog).to_be_hidden()
    assert ana.page.evaluate("fetch('/api/session').then((answer) => answer.json())")["user"]["name"] == "Ana"


def test_after_a_rename_to_a_taken_name_another_may_be_chosen(
    people: People, node: RunningNode, room: str
) -> None:
    ana, ben = people.ana(), people.ben()
    ana.enter(node, room)
    ben.enter(node, room)
    is_refused_the_name_of(ben, ana)
    expect(ana.page.get_by_test_id("name-submit")).to_have_text("Change it")

    ana.give_name("Zoë")

    ana.sees_people("Zoë", "Ben")
    ben.sees_people("Ben", "Zoë")


def converse(ana: Person, ben: Person, node: RunningNode, room: str, pause: Pause) -> None:
    arrive(ana, ben, node, room, pause)
    see_each_other_type(ana, ben, pause)
    talk(ana, ben, pause)

    ben.context.close()
    ana.sees_people("Ana")


def arrive(ana: Person, ben: Person, node: RunningNode, room: str, pause: Pause) -> None:
    ana.open(node, room)
    expect(ana.dialog).to_be_visible()
    ana.give_name("Ana")
    expect(ana.page.get_by_test_id("empty")).to_be_visible()
    ana.sees_people("Ana")
    pause()
    ben.enter(node, room)
    expect(ben.page.get_by_test_id("empty")).to_contain_text("One other is here: say hello.")
    expect(ana.page.get_by_test_id("empty")).to_contain_text("One other is here: say hello.")
    ben.sees_people("Ben", "Ana")
    ana.sees_people("Ana", "Ben")
    pause()


def see_each_other_type(ana: Person, ben: Person, pause: Pause) -> None:
    ana.composer.press_sequentially("Hel")
    expect(ben.typing).to_have_text("Ana is typing…")
    expect(ana.typing).to_have_text("")
    ana.composer.fill("")
    expect(ben.typing).to_have_text("")
    pause()


def talk(ana: Person, ben: Person, pause: Pause) -> None:
    said: list[tuple[Person, str]] = [
        (ana, "Hello"),
        (ana, "Is anybody here?"),
        (ben, "I am 👋"),
        (ana, "Two\nlines"),
        (ben, "See https://example.org/a?b=c, it is good"),
    ]
    for number, (person, text) in enumerate(said, 1):
        person.say(text)
        for reader in (ana, ben):
            expect(reader.messages).to_have_count(number)
        pause()

    expected = [(seq, person.name, text) for seq, (person, text) in enumerate(said, 1)]
    ana.all_is_sent()
    ben.all_is_sent()
    assert ana.log() == ben.log() == expected
    for reader in (ana, ben):
        assert [row.is_first for row in reader.rows()] == [True, False, True, True, True]
    expect(ben.page.get_by_role("link", name="https://example.org/a?b=c", exact=True)).to_be_visible()


def until_all_sleep(node: RunningNode) -> None:
    until(lambda: node.metric("chat_rooms_awake") == 0)
