"""The dialogs of a room: what they say, and that all of them fits."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.e2e.people import DESKTOP, FromElsewhere, People
from tests.e2e.person import Person
from tests.running import Nodes, RunningNode

TEXT_LEFT = """box => {
  const range = document.createRange();
  range.selectNodeContents(box);
  return range.getClientRects()[range.getClientRects().length - 1].left;
}"""


def test_the_field_for_a_name_is_called_what_it_asks_for(
    people: People, node: RunningNode, room: str
) -> None:
    ana = people.ana()
    ana.open(node, room)

    name = ana.page.get_by_test_id("name-input")
    expect(name).to_have_accessible_name("Your name")
    expect(name).to_have_accessible_description("Everybody in the room sees it. You can change it later.")


def test_a_shared_link_says_where_it_leads_before_one_gives_a_name(
    people: People, chromium_path: str, nodes: Nodes
) -> None:
    room = "a garden & <friends>"
    ana = people.ana()
    with nodes.running(CHAT_RETENTION_HOURS="2") as node:
        ana.open(node, room)
        expect(ana.dialog).to_have_accessible_name(f"Join {room}")
        expect(ana.dialog).to_have_accessible_description(
            "Nobody is here right now. Messages here are removed after 2 hours."
        )
        expect(ana.page.get_by_text("Connecting…")).to_be_hidden()
        expect(ana.connection).to_be_hidden()

        ana.give_name("Ana")
        ana.is_online()


def test_who_would_rather_not_chooses_a_room_with_this_one_filled_in(
    people: People, node: RunningNode
) -> None:
    room = "Zoë + Ben?"
    ana = people.ana()
    ana.open(node, room)
    ana.page.get_by_role("button", name="Back").click()
    expect(ana.page.get_by_test_id("landing-room")).to_have_value(room)
    expect(ana.page).to_have_url(f"{node.url}/")

    ana.page.get_by_test_id("landing-name").fill("Ana")
    ana.page.get_by_test_id("landing-submit").click()
    ana.is_online()
    expect(ana.page.get_by_role("heading", level=1)).to_have_text(room)


@pytest.mark.parametrize("size", [(720, 450), (390, 400)])
def test_in_a_low_window_a_dialog_begins_at_its_top_with_its_buttons_whole(
    people: People, node: RunningNode, room: str, size: tuple[int, int]
) -> None:
    width, height = size
    ana = people.person("Ana", {**DESKTOP, "viewport": {"width": width, "height": height}})
    ana.open(FromElsewhere(node), room)
    begins_at_its_top(ana)
    ana.give_name("Ana")
    ana.is_online()
    for opener in ("invite", "shortcuts", "switcher", "sign-out"):
        open_dialog(ana, opener)
        begins_at_its_top(ana)
        ana.page.keyboard.press("Escape")
        expect(ana.page.locator("dialog[open]")).to_have_count(0)


def open_dialog(person: Person, name: str) -> None:
    if name == "invite":
        person.page.get_by_test_id("invite").click()
        expect(person.page.locator("#invite-code path")).to_be_attached()
    elif name == "sign-out":
        person.page.get_by_test_id("menu-open").click()
        person.page.get_by_role("button", name="Sign out").click()
    else:
        person.page.keyboard.press({"shortcuts": "Control+/", "switcher": "Control+K"}[name])


def begins_at_its_top(person: Person) -> None:
    dialog = person.page.locator("dialog[open]")
    expect(dialog).to_be_in_viewport(ratio=1)
    assert dialog.evaluate("one => one.scrollTop") == 0
    buttons = dialog.locator("button:visible")
    assert buttons.count() > 0
    for button in buttons.all():
        expect(button).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize("name", ["שיחה של כל המשפחה על ארוחת הערב של יום שישי הבא אצל סבתא", "m" * 64])
def test_a_room_name_that_is_cut_is_whole_in_the_invite(people: People, node: RunningNode, name: str) -> None:
    ben = people.ben()
    ben.enter(node, name)
    title = ben.page.get_by_role("heading", level=1)
    expect(title).to_have_attribute("title", name)
    assert title.locator("bdi").evaluate("one => one.scrollWidth > one.clientWidth")

    ben.page.get_by_test_id("invite").tap()
    whole = ben.page.get_by_role("heading", name=f"Invite others to {name}")
    expect(whole).to_be_in_viewport(ratio=1)
    assert whole.evaluate("one => one.scrollWidth <= one.clientWidth")


def test_a_name_that_runs_from_the_right_begins_above_the_connection_line(
    people: People, node: RunningNode
) -> None:
    ana = people.ana()
    ana.enter(node, "שיחה")
    assert ana.page.locator(".bar-title").evaluate(TEXT_LEFT) == pytest.approx(
        ana.connection.evaluate("one => one.getBoundingClientRect().left"), abs=1
    )
