"""The first minute: what a stranger sees before they have said a word, and how they bring others in."""

from __future__ import annotations

import re
from contextlib import ExitStack
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from chatapp.web.own_address import own_address
from tests.e2e.crowd import speaker
from tests.e2e.people import DESKTOP, PHONE, FromElsewhere, People
from tests.e2e.person import path_of
from tests.running import Nodes, RunningNode

REMOVED = "Messages here are removed after 24 hours."
# As long as names may be, in a language that has such words; and one that runs from the right.
LONG = ("Donaudampfschifffahrtsgesellsch", "Eisenbahnknotenpunkthinundhersch", "נועה")
SHOWN = "one => one.complete && one.naturalWidth > 0 && one.checkVisibility()"
GROUND = "one => getComputedStyle(one).backgroundColor"
CLIPBOARD = ["clipboard-read", "clipboard-write"]


def pictures_of(page: Page) -> list[str]:
    """The names of the pictures of a room that the page asks for, from now on."""
    asked: list[str] = []

    def hear(url: str) -> None:
        if found := re.search(r"/((?:wide|narrow)-\w+)-\w+\.webp$", url):
            asked.append(found[1])

    page.on("request", lambda request: hear(request.url))
    return asked


@pytest.mark.parametrize(
    ("looks", "picture"),
    [
        (DESKTOP, "wide-light"),
        (DESKTOP | {"color_scheme": "dark"}, "wide-dark"),
        (PHONE, "narrow-dark"),
        (PHONE | {"color_scheme": "light"}, "narrow-light"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_somebody_new_reads_one_sentence_and_sees_what_a_room_looks_like(
    people: People, node: RunningNode, looks: dict[str, Any], picture: str
) -> None:
    page = people.person("Ana", looks).page
    asked = pictures_of(page)
    page.goto(node.url)
    look = page.get_by_role("img", name="A room")
    look.scroll_into_view_if_needed()
    expect(look).to_have_count(1)
    page.wait_for_function(SHOWN, arg=look.element_handle())

    expect(page.get_by_role("heading")).to_have_text(["Open a room, share its link, and talk"])
    assert asked == [picture]
    page.keyboard.press("Control+Home")
    expect(page.get_by_test_id("landing-submit")).to_be_in_viewport(ratio=1)


def test_the_picture_has_the_scheme_that_one_has_chosen(people: People, node: RunningNode, room: str) -> None:
    ana = people.ana()
    ana.enter(node, room)
    ana.page.get_by_test_id("menu-open").click()
    ana.page.get_by_role("radio", name="Dark").check()
    ana.context.clear_cookies()
    asked = pictures_of(ana.page)
    ana.page.goto(node.url)

    look = ana.page.get_by_role("img", name="A room")
    ana.page.wait_for_function(SHOWN, arg=look.element_handle())
    assert asked == ["wide-dark"]


def test_for_how_long_messages_live_is_said_once_on_each_way_in(
    people: People, node: RunningNode, room: str
) -> None:
    """Where one gives a name, and not again in the room that one then sees."""
    ana, ben = people.ana(), people.ben()
    ana.page.goto(node.url)
    said = ana.page.get_by_text("removed after 24 hours")
    expect(said).to_have_count(1)
    expect(ana.page.get_by_text("75 minutes")).to_be_hidden()
    said.click()
    expect(ana.page.get_by_text("within 75 minutes")).to_be_visible()
    ana.page.get_by_test_id("landing-name").fill("Ana")
    ana.page.get_by_test_id("landing-room").fill(room)
    ana.page.get_by_test_id("landing-submit").click()
    ana.is_online()
    expect(ana.page.get_by_test_id("empty")).to_be_visible()
    expect(ana.page.get_by_text("removed")).to_have_count(0)

    ben.open(node, room)
    expect(ben.page.get_by_text("removed after 24 hours")).to_have_count(1)
    ben.give_name("Ben")
    ben.is_online()
    expect(ben.page.get_by_test_id("empty")).to_be_visible()
    expect(ben.page.get_by_text("removed").locator("visible=true")).to_have_count(0)


def test_who_comes_back_sees_rooms_first_and_no_picture(people: People, node: RunningNode, room: str) -> None:
    ana = people.ana()
    ana.enter(node, room)
    asked = pictures_of(ana.page)
    ana.page.goto(node.url)

    expect(ana.page.get_by_role("heading").first).to_have_text("Your rooms")
    expect(ana.page.get_by_role("img", name="A room")).to_have_count(0)
    expect(ana.page.get_by_text("removed after")).to_be_hidden()
    ana.page.wait_for_load_state("networkidle")
    assert asked == []


def test_who_was_in_no_room_yet_is_welcome(people: People, node: RunningNode) -> None:
    page = people.ana().page
    assert page.request.post(f"{node.url}/api/session", data={"name": "Ana"}).ok
    page.goto(node.url)

    expect(page.get_by_role("heading")).to_have_text(["Welcome back", "Open a room"])


def test_whoever_follows_a_link_is_told_who_is_there(people: People, node: RunningNode, room: str) -> None:
    ana = people.ana()
    with ExitStack() as crowd:
        for name, words in (
            (None, "Nobody is here right now."),
            ("Ben", "Ben is here."),
            ("Cleo", "Ben and Cleo are here."),
            ("Dora", "Ben, Cleo and Dora are here."),
            ("Emil", "Ben, Cleo and 2 others are here."),
        ):
            if name is not None:
                crowd.enter_context(speaker(node, room, name))
            ana.open(node, room)
            expect(ana.dialog).to_have_accessible_description(f"{words} {REMOVED}")


@pytest.mark.parametrize("looks", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_long_names_stay_within_the_dialog_and_run_in_their_own_direction(
    people: People, node: RunningNode, room: str, looks: dict[str, Any]
) -> None:
    ana = people.person("Ana", looks)
    with ExitStack() as crowd:
        for name in LONG:
            crowd.enter_context(speaker(node, room, name))
        ana.open(node, room)

        told = ana.page.locator("#name-people")
        expect(told.locator("bdi")).to_have_text(list(LONG))
        assert told.evaluate("one => one.scrollWidth <= one.clientWidth")
        expect(ana.page.get_by_test_id("name-submit")).to_be_in_viewport(ratio=1)


def test_who_is_asked_for_another_name_is_told_nothing_twice(
    people: People, node: RunningNode, room: str
) -> None:
    ana = people.ana()
    with speaker(node, room, "Ana"):
        ana.open(node, room)
        expect(ana.dialog).to_have_accessible_description(f"Ana is here. {REMOVED}")
        ana.give_name("Ana")

        expect(ana.page.get_by_role("heading", name="That name is taken here")).to_be_visible()
        expect(ana.page.locator("#name-people")).to_be_hidden()


def test_alone_on_a_wide_screen_one_has_the_code_before_one_asks(
    people: People, node: RunningNode, room: str
) -> None:
    ana = people.ana()
    ana.enter_as_a_stranger(FromElsewhere(node), room)
    empty = ana.page.get_by_test_id("empty")

    expect(empty.get_by_role("img", name="QR code of the link").locator("path")).to_have_attribute(
        "d", re.compile(r"M\d")
    )
    expect(empty).to_contain_text("Send this link to the people you want here.")
    expect(empty.get_by_role("button")).to_have_count(1)


def test_where_there_is_no_room_for_it_the_code_comes_when_it_is_asked_for(
    people: People, node: RunningNode, room: str
) -> None:
    ben = people.ben()
    asked: list[str] = []
    ben.page.on("request", lambda request: asked.append(request.url))
    ben.loads_nothing_ahead()
    ben.enter_as_a_stranger(FromElsewhere(node), room)
    empty = ben.page.get_by_test_id("empty")
    expect(empty.get_by_role("img")).to_have_count(0)
    assert [url for url in asked if "qr" in url] == []

    empty.get_by_role("button", name="Show the QR code").tap()
    expect(ben.page.get_by_role("dialog").get_by_role("img", name="QR code of the link")).to_be_visible()
    ben.page.keyboard.press("Escape")
    ben.page.set_viewport_size({"width": 1280, "height": 800})
    expect(empty.get_by_role("img", name="QR code of the link").locator("path")).to_be_visible()


def test_the_accent_is_on_copying_the_link(people: People, unknown_node: RunningNode, room: str) -> None:
    ana = people.person("Ana", DESKTOP, permissions=CLIPBOARD)
    ana.enter(unknown_node, room)
    copy = ana.page.get_by_test_id("empty").get_by_role("button", name="Copy link")
    assert copy.evaluate(GROUND) == ana.page.locator("#invite-copy").evaluate(GROUND)
    assert copy.evaluate(GROUND) != ana.page.get_by_test_id("invite").evaluate(GROUND)

    copy.click()
    expect(ana.page.get_by_test_id("empty").get_by_role("button", name="Link copied")).to_be_visible()
    expect(copy).to_be_visible()
    assert ana.page.evaluate("navigator.clipboard.readText()") == ana.page.url


def test_where_no_phone_could_open_it_an_empty_room_promises_no_code(
    people: People, unknown_node: RunningNode, room: str
) -> None:
    ana = people.ana()
    ana.enter(unknown_node, room)
    empty = ana.page.get_by_test_id("empty")

    expect(empty).to_contain_text("works only on this computer")
    expect(empty.get_by_role("img")).to_have_count(0)
    expect(empty.get_by_role("button")).to_have_text(["Copy link"])


@pytest.mark.skipif(own_address() is None, reason="this machine is in no network")
def test_on_its_own_computer_an_invite_gives_the_address_in_the_network_and_it_answers(
    people: People, chromium_path: str, nodes: Nodes, room: str
) -> None:
    with nodes.running(HOST="0.0.0.0", CHAT_PUBLIC_URL="") as node:
        ana = people.person("Ana", DESKTOP, permissions=CLIPBOARD)
        ana.page.goto(f"http://127.0.0.1:{node.port}{path_of(room)}")
        ana.give_name("Ana")
        ana.is_online()
        empty = ana.page.get_by_test_id("empty")
        link = f"http://{own_address()}:{node.port}/chat/{room}"

        expect(empty).to_contain_text("Send this link to the people")
        expect(empty).to_contain_text(link)
        expect(empty.get_by_role("img", name="QR code of the link")).to_be_visible()
        empty.get_by_role("button", name="Copy link").click()
        expect(empty.get_by_role("button", name="Link copied")).to_be_visible()
        assert ana.page.evaluate("navigator.clipboard.readText()") == link
        assert ana.page.request.get(link).ok

        ana.say("hello")
        ana.all_is_sent()
        ana.page.get_by_test_id("invite").click()
        dialog = ana.page.get_by_role("dialog", name="Invite others")
        expect(dialog).to_contain_text(link)
        expect(dialog).to_have_accessible_description(re.compile("who has this link can come in"))


def test_on_its_own_computer_an_invite_gives_the_address_that_people_open(
    people: People, chromium_path: str, nodes: Nodes, room: str
) -> None:
    with nodes.running(CHAT_PUBLIC_URL="http://chat.example/talk") as node:
        ana = people.ana()
        ana.page.goto(f"{node.url}/talk{path_of(room)}")
        ana.give_name("Ana")
        ana.is_online()

        expect(ana.page.get_by_test_id("empty")).to_contain_text(f"http://chat.example/talk/chat/{room}")
