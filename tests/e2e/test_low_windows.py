"""Low and narrow windows, and colours that the system forces: nothing is cut off, nothing invisible."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e.files import choose, photo, send, text_file, tray
from tests.e2e.people import DESKTOP, PHONE, People
from tests.e2e.person import Person
from tests.running import RunningNode

OUTLINE = (
    "document.querySelector('#composer').matches(':focus-within') && getComputedStyle(composer).outlineStyle"
)
HUGE_TYPE = {"webkit": {"webprefs": {"default_font_size": 32}}}
TINY = {"viewport": {"width": 188, "height": 333}}
FITS = """one => [one, ...one.querySelectorAll('*')].every(
  each => each.scrollWidth <= each.clientWidth + 1 || getComputedStyle(each).display === 'inline')"""
THUMB = "getComputedStyle(document.querySelector('#menu-joins'), '::before').content"


@pytest.mark.parametrize("size", [(640, 400), (320, 568), (320, 400), (1280, 800)])
def test_an_empty_room_is_read_from_its_beginning(
    people: People, node: RunningNode, room: str, size: tuple[int, int]
) -> None:
    width, height = size
    ana = people.person("Ana", {**DESKTOP, "viewport": {"width": width, "height": height}})
    ana.enter(node, room)

    expect(ana.page.get_by_text("The room is ready")).to_be_in_viewport(ratio=1)
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


def test_where_the_system_forces_its_colours_a_linked_message_stands_out(
    people: People, node: RunningNode, room: str
) -> None:
    ana = people.person("Ana", DESKTOP, forced_colors="active")
    ana.enter(node, room)
    ana.say("look here", "not here")
    ana.all_is_sent()
    ana.page.goto(f"{ana.page.url}#s1")
    ana.page.reload()

    outline = "one => getComputedStyle(one).outlineStyle"
    expect(ana.message("look here")).to_have_attribute("data-linked", "")
    ana.composer.focus()
    assert ana.message("look here").evaluate(outline) != "none"
    assert ana.message("not here").evaluate(outline) == "none"


@pytest.mark.parametrize(
    ("preferences", "looks"), [({}, TINY), (HUGE_TYPE, {"viewport": {"width": 360, "height": 740}})]
)
def test_in_a_tiny_window_and_with_huge_type_one_sees_where_one_is_and_reaches_everything(
    browser_with: Callable[..., Person], node: RunningNode, room: str, preferences: Any, looks: Any
) -> None:
    ana = browser_with("Ana", preferences, looks)
    ana.enter(node, room)
    for button in ana.page.get_by_test_id("empty").get_by_role("button").all():
        button.focus()
        expect(button).to_be_in_viewport(ratio=1)
    assert ana.page.get_by_test_id("messages").evaluate(FITS)
    title = ana.page.get_by_role("heading", level=1)
    for shown in (title, ana.connection, ana.page.get_by_test_id("menu-open")):
        expect(shown).to_be_in_viewport(ratio=1)
    for shown in (title, ana.connection):
        box = shown.bounding_box()
        assert box is not None
        assert box["width"] > looks["viewport"]["width"] / 2

    ana.page.get_by_test_id("menu-open").click()
    dark = ana.page.get_by_role("radio", name="Dark")
    dark.check()
    expect(dark).to_be_in_viewport(ratio=1)
    assert ana.page.get_by_test_id("menu").evaluate("one => one.scrollWidth <= one.clientWidth")
    ana.page.get_by_role("button", name="Sign out").focus()
    expect(ana.page.get_by_role("button", name="Sign out")).to_be_in_viewport(ratio=1)
    ana.page.keyboard.press("Escape")
    ana.page.goto(node.url)
    ana.page.get_by_role("button", name="Another suggestion").focus()
    expect(ana.page.get_by_role("button", name="Another suggestion")).to_be_in_viewport(ratio=1)
    assert ana.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_where_a_page_of_styles_doubles_the_type_the_bar_shows_where_one_is(
    people: People, node: RunningNode, room: str
) -> None:
    ana = people.person("Ana", {"viewport": {"width": 360, "height": 740}})
    ana.enter(node, room)
    ana.page.evaluate("document.documentElement.style.fontSize = '200%'")

    for shown in (ana.page.get_by_role("heading", level=1), ana.connection):
        expect(shown).to_be_in_viewport(ratio=1)
        box = shown.bounding_box()
        assert box is not None
        assert box["width"] > 180


def test_above_the_keyboard_of_a_phone_on_its_side_the_composer_is_whole(
    people: People, node: RunningNode, room: str
) -> None:
    ben = people.person("Ben", {**PHONE, "viewport": {"width": 740, "height": 170}})
    ben.enter(node, room)
    ben.composer.fill("one\ntwo\nthree\nfour")

    expect(ben.composer).to_be_in_viewport(ratio=1)
    expect(ben.page.get_by_test_id("composer-send")).to_be_in_viewport(ratio=1)


def test_on_a_phone_with_type_of_twice_the_size_one_sees_what_one_sends(
    people: People, node: RunningNode, room: str
) -> None:
    ana, ben = people.ana(), people.person("Ben", PHONE)
    ana.enter(node, room)
    ben.enter(node, room)
    ben.page.evaluate("document.documentElement.style.fontSize = '200%'")
    choose(ben, photo(), text_file())
    expect(tray(ben)).to_have_count(2)
    ben.composer.fill("@an")

    option = ben.page.get_by_test_id("completion").get_by_role("option")
    send_button = ben.page.get_by_test_id("composer-send")
    name = ben.page.get_by_text("IMG_0001.jpg")
    for shown in (name, ben.composer, send_button, option):
        expect(shown).to_be_in_viewport(ratio=1)
    assert name.evaluate("one => one.clientWidth > innerWidth / 3")
    assert ben.composer.evaluate("one => one.clientWidth > innerWidth / 2")
    assert ben.page.get_by_test_id("messages").evaluate("one => one.clientHeight > innerHeight / 5")
    send(ben)
    expect(ben.page.get_by_test_id("message-picture")).to_be_visible()
    ben.all_is_sent()
    ben.page.get_by_test_id("message-picture").tap()
    author = ben.page.get_by_test_id("lightbox").get_by_text("Ben", exact=True)
    assert author.evaluate("one => one.getBoundingClientRect().right < one.parentElement.clientWidth")
