"""Low and narrow windows, and colours that the system forces: nothing is cut off, nothing invisible."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.e2e.people import DESKTOP, PHONE, People
from tests.running import RunningNode

OUTLINE = (
    "document.querySelector('#composer').matches(':focus-within') && getComputedStyle(composer).outlineStyle"
)
THUMB = "getComputedStyle(document.querySelector('#menu-joins'), '::before').content"


@pytest.mark.parametrize("size", [(640, 400), (320, 568), (320, 400), (1280, 800)])
def test_an_empty_room_is_read_from_its_beginning(
    people: People, node: RunningNode, room: str, size: tuple[int, int]
) -> None:
    width, height = size
    ana = people.person("Ana", {**DESKTOP, "viewport": {"width": width, "height": height}})
    ana.enter(node, room)

    expect(ana.page.get_by_text("Nobody has said anything yet")).to_be_in_viewport(ratio=1)
    last = ana.page.get_by_test_id("empty").get_by_role("button").last
    last.focus()
    expect(last).to_be_in_viewport(ratio=1)


def test_where_the_system_forces_its_colours_one_sees_where_one_writes_and_what_is_on(
    people: People, node: RunningNode, room: str
) -> None:
    ana = people.person("Ana", DESKTOP, forced_colors="active")
    ana.enter(node, room)
    ana.composer.focus()

    assert ana.page.evaluate(OUTLINE) == "solid"
    assert ana.page.evaluate(THUMB) == "none"


def test_above_the_keyboard_of_a_phone_on_its_side_the_composer_is_whole(
    people: People, node: RunningNode, room: str
) -> None:
    ben = people.person("Ben", {**PHONE, "viewport": {"width": 740, "height": 170}})
    ben.enter(node, room)
    ben.composer.fill("one\ntwo\nthree\nfour")

    expect(ben.composer).to_be_in_viewport(ratio=1)
    expect(ben.page.get_by_test_id("composer-send")).to_be_in_viewport(ratio=1)


def test_beside_a_long_name_the_warning_that_it_is_anothers_is_whole(
    people: People, node: RunningNode, room: str
) -> None:
    name = "Maximiliane von und zu Hohenfels"
    first, second = people.person(name, PHONE), people.person(name, PHONE)
    first.enter(node, room)
    first.say("it is me")
    first.all_is_sent()
    first.page.get_by_role("link", name="All rooms").click()
    expect(first.page).to_have_url(f"{node.url}/")
    second.enter(node, room)
    second.say("me too")

    warning = second.page.get_by_text("not the one further up")
    expect(warning).to_be_in_viewport(ratio=1)
    assert warning.evaluate("one => one.scrollWidth <= one.clientWidth")
    author = second.messages.last.get_by_test_id("message-author")
    assert author.evaluate("one => one.scrollWidth <= one.clientWidth")
