"""The landing page: for somebody new, and for who comes back."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Route, expect

from tests.e2e.line import Line
from tests.e2e.people import DESKTOP, PHONE, People
from tests.running import RunningNode


def test_its_fields_are_called_what_they_ask_for(people: People, node: RunningNode) -> None:
    page = people.ana().page
    page.goto(node.url)

    expect(page.get_by_test_id("landing-name")).to_have_accessible_name("Your name")
    room = page.get_by_test_id("landing-room")
    expect(room).to_have_accessible_name("Room")
    expect(room).to_have_accessible_description(
        "Anybody who knows the name can come in. An invite link works here too."
    )


def test_somebody_new_types_a_name_first_and_any_room_over_the_suggested_one(
    people: People, node: RunningNode, room: str
) -> None:
    page = people.ana().page
    page.goto(node.url)
    expect(page.get_by_test_id("landing-name")).to_be_focused()
    expect(page.locator("#signed-in")).to_be_hidden()
    expect(page.get_by_role("heading", name="Your rooms")).to_be_hidden()
    page.keyboard.type("Ana")

    page.get_by_test_id("landing-room").click()
    page.keyboard.type(room)
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{node.url}/chat/{room}")


def test_what_is_typed_before_the_script_has_come_stays_and_goes_nowhere(
    people: People, node: RunningNode, room: str
) -> None:
    ana = people.ana()
    held = ana.holds_up("**/landing-*.js")
    ana.page.goto(node.url, wait_until="commit")
    ana.page.get_by_test_id("landing-name").fill("Ana")
    ana.page.get_by_test_id("landing-submit").click()
    expect(ana.page).to_have_url(f"{node.url}/")
    expect(ana.page.get_by_test_id("landing-name")).to_have_value("Ana")

    ana.comes_to(held).continue_()
    expect(ana.page.get_by_test_id("landing-room")).not_to_have_value("")
    ana.page.get_by_test_id("landing-room").fill(room)
    ana.page.get_by_test_id("landing-submit").click()
    ana.is_online()
    assert len(held) == 1


@pytest.mark.parametrize("looks", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_who_comes_back_finds_their_rooms_first_and_is_not_asked_who_they_are(
    people: People, node: RunningNode, room: str, looks: dict[str, Any]
) -> None:
    ana = people.person("Ana", looks)
    rooms = [f"{room[-20:]} {name}" for name in ("one", "two & three")]
    ana.enter(node, rooms[0])
    ana.come_back(node, rooms[1])
    asked: list[str] = []
    ana.page.on("request", lambda request: asked.append(request.url))
    ana.page.goto(node.url)

    expect(ana.page.get_by_role("listitem")).to_have_count(2)
    listed = ana.page.get_by_role("listitem").all_text_contents()
    assert sorted(listed) == sorted(rooms)
    expect(ana.page.get_by_test_id("landing-name")).to_be_hidden()
    expect(ana.page.get_by_test_id("landing-room")).not_to_have_value("")
    expect(ana.page.locator("body")).to_be_focused()  # no keyboard comes up on a phone
    assert [url for url in asked if "/api/" in url] == []  # all of it came with the page
    ana.page.keyboard.press("Tab")
    expect(ana.page.get_by_role("link", name=listed[0])).to_be_focused()

    new = f"{room[-20:]}-four"
    ana.page.get_by_test_id("landing-room").fill(new)
    ana.page.keyboard.press("Enter")
    expect(ana.page).to_have_url(f"{node.url}/chat/{new}")
    ana.is_online()


def test_a_page_that_could_not_be_told_who_comes_back_asks(
    people: People, node: RunningNode, room: str
) -> None:
    ana = people.ana()
    ana.enter(node, room)
    ana.page.route(node.url + "/", without_what_is_known)
    ana.page.goto(node.url)

    expect(ana.page.locator("#signed-in-name")).to_have_text("Ana")
    expect(ana.page.get_by_role("listitem")).to_have_text([room])
    expect(ana.page.get_by_test_id("landing-name")).to_be_hidden()


def test_where_something_was_never_sent_the_list_of_rooms_says_so(
    people: People, node: RunningNode, room: str
) -> None:
    ana = people.ana()
    line = Line(ana.page)
    ana.enter(node, room)
    line.state = "refusing"
    ana.open(node, f"{room[:40]} é")  # nobody has ever come in there
    ana.stands("reconnecting")
    ana.say("never heard")
    ana.has_kept("never heard")
    ana.open(node, room)
    ana.stands("reconnecting")
    ana.say("one", "two")
    ana.has_kept("one", "two")
    ana.page.goto(node.url)
    expect(ana.page.get_by_role("listitem")).to_have_text([f"{room}2 not sent", f"{room[:40]} é1 not sent"])

    line.state = "open"
    ana.page.get_by_role("link", name=room).first.click()
    ana.all_is_sent()
    ana.page.goto(node.url)
    expect(ana.page.get_by_role("listitem").first).to_have_text(room)


def test_another_name_is_taken_on_without_opening_a_room(
    people: People, node: RunningNode, room: str
) -> None:
    ana = people.ana()
    ana.enter(node, room)
    ana.page.goto(node.url)
    change = ana.page.get_by_role("button", name="Change name")
    change.click()
    name = ana.page.get_by_role("textbox", name="Your name", exact=True)
    expect(name).to_be_focused()
    expect(name).to_have_value("Ana")
    ana.page.keyboard.press("Delete")
    ana.page.keyboard.press("Enter")
    expect(ana.page.get_by_role("alert")).to_have_text("Please type a name.")

    name.fill("x" * 59)
    ana.page.keyboard.press("Enter")
    expect(ana.page.get_by_role("alert")).to_have_text("A name has at most 32 characters. This one has 59.")

    name.fill("Zoë")
    ana.page.keyboard.press("Enter")
    expect(name).to_be_hidden()
    expect(change).to_be_focused()
    expect(ana.page.locator("#signed-in-name")).to_have_text("Zoë")
    ana.page.get_by_role("link", name=room).click()
    ana.sees_people("Zoë")


def test_the_link_to_a_message_leads_to_it_from_here_and_from_the_switcher(
    people: People, node: RunningNode, room: str
) -> None:
    ana = people.ana()
    ana.enter(node, room)
    ana.say("one", "two")
    ana.all_is_sent()
    link = f"{ana.page.url}#s2"
    ana.page.goto(node.url)
    ana.page.get_by_test_id("landing-room").fill(link)
    ana.page.get_by_test_id("landing-submit").click()
    expect(ana.page.locator("[data-linked]")).to_contain_text("two")

    ana.come_back(node, f"{room[-20:]} elsewhere")
    ana.page.keyboard.press("Control+K")
    ana.page.get_by_role("combobox", name="Room").fill(link)
    expect(ana.page.get_by_role("option")).to_have_text(room)
    ana.page.keyboard.press("Enter")
    expect(ana.page).to_have_url(link)
    expect(ana.page.locator("[data-linked]")).to_contain_text("two")


def without_what_is_known(route: Route) -> None:
    """As the page comes when the storage does not answer within a moment."""
    answer = route.fetch()
    page = answer.text().replace(" data-returning", "")
    page = re.sub(r"<li>.*</li>", "", page)
    route.fulfill(response=answer, body=page)
