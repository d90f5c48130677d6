"""Links to messages: one is brought to what they name, wherever it is in the room."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.crowd import numbered, say_all, speaker
from tests.e2e.line import Line
from tests.e2e.long_lists import node_with_a_long_room
from tests.e2e.people import DESKTOP, People
from tests.e2e.person import Person, path_of, scroll_to_the_top
from tests.running import Nodes, RunningNode

LENGTH = 3_000


@pytest.fixture(scope="module")
def long_room(chromium_path: str, nodes: Nodes) -> Iterator[RunningNode]:
    with node_with_a_long_room(nodes, LENGTH) as node:
        yield node


def test_a_link_opens_the_room_around_its_message_which_stands_out(
    people: People, long_room: RunningNode
) -> None:
    ana = people.ana()
    line = Line(ana.page)
    ana.page.goto(f"{long_room.url}{path_of('long')}#s1234")
    ana.give_name("Ana")

    expect(linked(ana)).to_have_attribute("data-seq", "1234")
    expect(linked(ana)).to_be_in_viewport(ratio=1)
    expect(linked(ana)).to_be_focused()
    assert [ask for ask in line.said("history") if "around" in ask] == [
        {"room": "long", "limit": 100, "around": 1234}
    ]

    ana.page.get_by_test_id("new-pill").click()
    expect(message(ana, LENGTH)).to_be_in_viewport(ratio=1)
    expect(linked(ana)).to_have_count(0)
    assert ana.page.url == long_room.url + path_of("long")


def test_from_a_linked_message_one_scrolls_to_what_is_newer_and_older(
    people: People, long_room: RunningNode
) -> None:
    ana = people.ana()
    ana.page.goto(f"{long_room.url}{path_of('long')}#s2700")
    ana.give_name("Ana")
    expect(linked(ana)).to_be_in_viewport(ratio=1)

    scroll_until(ana, 300, message(ana, 2_850))
    scroll_until(ana, 300, message(ana, LENGTH))
    expect(ana.page.get_by_test_id("new-pill")).to_be_hidden()
    scroll_until(ana, -300, message(ana, 2_500))


def test_a_link_to_what_is_on_the_screen_moves_nothing(people: People, node: RunningNode, room: str) -> None:
    ana = people.ana()
    with speaker(node, room) as carl:
        say_all(carl, room, numbered(60))
    ana.enter(node, room)
    expect(message(ana, 60)).to_be_in_viewport(ratio=1)
    scroll_to_the_top(ana)
    expect(message(ana, 15)).to_be_in_viewport(ratio=1)
    top = message(ana, 15).bounding_box()

    message(ana, 15).hover()
    message(ana, 15).locator(".message-time").click()

    expect(linked(ana)).to_have_attribute("data-seq", "15")
    expect(ana.page).to_have_url(re.compile("#s15$"))
    assert message(ana, 15).bounding_box() == top
    ana.page.go_back()
    expect(linked(ana)).to_have_count(0)


def test_the_link_to_a_message_is_copied(people: People, unknown_node: RunningNode, room: str) -> None:
    ana = people.person("Ana", DESKTOP, permissions=["clipboard-read", "clipboard-write"])
    ana.enter(unknown_node, room)
    ana.say("worth a link")
    ana.all_is_sent()
    ana.message("worth a link").hover()
    ana.message("worth a link").get_by_test_id("message-more").click()
    ana.page.get_by_test_id("copy-message-link").click()

    expect(ana.page.get_by_role("status")).to_have_text("The link to the message is copied.")
    link = ana.page.evaluate("navigator.clipboard.readText()")
    assert link == f"{unknown_node.url}/chat/{room}#s1"
    ana.page.goto("about:blank")
    ana.page.goto(link)
    expect(linked(ana)).to_have_attribute("data-seq", "1")


def test_a_link_to_nothing_says_so_and_opens_the_room(people: People, node: RunningNode, room: str) -> None:
    ana = people.ana()
    ana.enter(node, room)
    ana.say("the only one")
    ana.all_is_sent()
    ana.page.goto(f"{node.url}{path_of(room)}#s99")
    ana.page.reload()

    expect(ana.page.locator("#alert")).to_have_text("There is no such message in this room.")
    expect(ana.message("the only one")).to_be_in_viewport(ratio=1)
    expect(linked(ana)).to_have_count(0)


def linked(person: Person) -> Locator:
    return person.page.locator("[data-testid=message][data-linked]")


def message(person: Person, seq: int) -> Locator:
    return person.page.locator(f'[data-testid=message][data-seq="{seq}"]')


def scroll_until(person: Person, by: int, target: Locator) -> None:
    person.page.get_by_test_id("messages").hover()
    for _ in range(500):
        if target.count() > 0 and target.evaluate(
            "row => row.getBoundingClientRect().top >= 0 && row.getBoundingClientRect().bottom <= innerHeight"
        ):
            return
        person.page.mouse.wheel(0, by)
    expect(target).to_be_in_viewport(ratio=1)
