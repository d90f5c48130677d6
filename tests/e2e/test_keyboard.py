"""Everything by keyboard, and said to those who listen instead of looking."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.people import People
from tests.running import Nodes, RunningNode, until

MOST_TABS = 30
# By a ring around it, or around the composer that it is in.
SHOWS_FOCUS = """one => {
  const { outlineStyle, outlineWidth } = getComputedStyle(one);
  const composer = one.closest('.composer');
  const isRinged = outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2;
  return isRinged || (composer !== null && getComputedStyle(composer).boxShadow !== 'none');
}"""
ALERT_IS_ABOVE = """() => {
  const edgesOf = (one) => document.querySelector(one).getBoundingClientRect();
  return edgesOf('#alert').bottom <= edgesOf('.message-delivery').top;
}"""
# What the server never stores, and the page cannot know of: half a character.
WRITE_UNSTORABLE = """input => {
  input.value = 'half a character: \\ud83d';
  input.dispatchEvent(new Event('input'));
}"""


@pytest.fixture
def own_node(chromium_path: str, nodes: Nodes) -> Iterator[RunningNode]:
    with nodes.running() as node:
        yield node


def test_from_the_first_page_to_a_message_by_keyboard_alone(
    people: People, node: RunningNode, room: str
) -> None:
    ana = people.ana()
    ana.page.goto(node.url)
    tab_to(ana.page, ana.page.get_by_test_id("landing-name"))
    ana.page.keyboard.type("Ana")
    tab_to(ana.page, ana.page.get_by_label("Room", exact=True))
    ana.page.keyboard.press("Control+A")
    ana.page.keyboard.type(room)
    ana.page.keyboard.press("Enter")

    ana.is_online()
    expect(ana.composer).to_be_focused()
    ana.page.keyboard.type("one line")
    ana.page.keyboard.press("Shift+Enter")
    ana.page.keyboard.type("and another")
    ana.page.keyboard.press("Enter")
    ana.sees("one line and another")  # as an expectation reads a line break
    assert ana.rows()[0].text == "one line\nand another"


def test_every_stop_of_the_tab_key_shows_that_it_has_the_focus(
    people: People, node: RunningNode, room: str
) -> None:
    ana = people.ana()
    ana.enter(node, room)
    ana.say("hello https://example.org")
    ana.all_is_sent()
    stops: list[str] = []
    focused = ana.page.locator(":focus")
    for _ in range(MOST_TABS):
        ana.page.keyboard.press("Tab")
        if focused.count() == 0:  # beyond the last, before the first
            continue
        stops.append(focused.evaluate("one => one.id || one.textContent"))
        assert focused.evaluate(SHOWS_FOCUS), stops[-1]
        if stops[-1] == "messages":  # what is in it is come to from its row
            ana.page.keyboard.press("ArrowUp")

    assert {"all-rooms", "invite", "messages", "https://example.org", "composer-input", "Rename"} <= {*stops}


def test_the_list_of_the_keys_has_those_that_always_send_and_those_that_lead_to_the_ends(
    people: People, node: RunningNode, room: str
) -> None:
    ana = people.ana()
    ana.enter(node, room)
    ana.page.keyboard.press("Control+/")
    keys = ana.page.get_by_test_id("shortcuts").locator(".keys > div")
    expect(keys.filter(has_text="Ctrl Enter")).to_contain_text("also where Enter begins a new line")
    expect(keys.filter(has_text="Home End")).to_contain_text("To the oldest that is loaded or the newest")


def test_the_name_dialog_is_left_by_keyboard(people: People, node: RunningNode, room: str) -> None:
    ana = people.ana()
    ana.open(node, room)
    expect(ana.page.get_by_role("dialog", name=f"Join {room}")).to_be_visible()
    expect(ana.page.get_by_label("Your name")).to_be_focused()
    ana.page.keyboard.press("Enter")
    expect(ana.page.locator("#name-problem")).to_have_role("alert")
    expect(ana.page.locator("#name-problem")).to_have_text("Please type a name.")

    ana.page.keyboard.press("Escape")
    expect(ana.page).to_have_url(f"{node.url}/")
    ana.open(node, room)
    expect(ana.page.get_by_label("Your name")).to_be_focused()
    ana.page.keyboard.type("Ana")
    ana.page.keyboard.press("Enter")
    ana.is_online()
    expect(ana.composer).to_be_focused()


def test_a_refused_message_says_why_and_is_discarded_by_keyboard(
    people: People, node: RunningNode, room: str
) -> None:
    ana = people.ana()
    ana.enter(node, room)
    ana.composer.evaluate(WRITE_UNSTORABLE)
    ana.composer.press("Enter")
    expect(ana.messages).to_have_attribute("data-state", "failed")
    expect(ana.messages).to_have_attribute("data-refusal", "bad_request")
    expect(ana.messages).to_contain_text("Not sent. There is a character in it that cannot be sent.")
    expect(ana.page.locator("#alert")).to_have_role("alert")
    expect(ana.page.locator("#alert")).to_have_text(
        "A message was not sent. There is a character in it that cannot be sent."
    )

    tab_to(ana.page, ana.messages.get_by_role("button", name="Discard"), backwards=True)
    ana.page.keyboard.press("Enter")
    expect(ana.messages).to_have_count(0)


def test_an_alert_leaves_what_one_can_do_about_it_in_reach_above_the_keyboard_of_a_phone(
    people: People, node: RunningNode, room: str
) -> None:
    ben = people.ben()
    ben.enter(node, room)
    ben.page.set_viewport_size({"width": 360, "height": 360})
    ben.composer.evaluate(WRITE_UNSTORABLE)
    ben.page.get_by_test_id("composer-send").tap()

    expect(ben.page.locator("#alert")).to_contain_text("A message was not sent")
    expect(ben.messages.first.get_by_role("button", name="Discard")).to_be_in_viewport(ratio=1)
    until(lambda: ben.page.evaluate(ALERT_IS_ABOVE))


def test_an_old_message_waits_for_its_person_who_sends_it_by_keyboard(
    people: People, own_node: RunningNode, room: str
) -> None:
    """It was written an hour ago and never sent: nobody sends it but the one who wrote it."""
    ana, ben = people.ana(), people.ben()
    ana.page.clock.install()
    ana.enter(own_node, room)
    ben.enter(own_node, room)
    ana.go_offline()
    ana.say("an hour ago")
    expect(ana.message("an hour ago")).to_have_attribute("data-state", "waiting")
    ana.page.clock.fast_forward("01:00:01")
    ana.go_online()

    expect(ana.message("an hour ago")).to_have_attribute("data-state", "failed")
    ben.sees()
    tab_to(ana.page, ana.messages.get_by_role("button", name="Send now"), backwards=True)
    ana.page.keyboard.press("Enter")
    ben.sees("an hour ago")
    ana.all_is_sent()
    expect(ana.messages).to_be_focused()  # the button is gone


def test_others_messages_are_announced_and_ones_own_are_not(
    people: People, node: RunningNode, room: str
) -> None:
    ana, ben = people.ana(), people.ben()
    ana.enter(node, room)
    ana.say("from before")
    ben.enter(node, room)
    ben.sees("from before")
    announced = ana.page.locator("#announcer")
    expect(announced).to_have_attribute("aria-live", "polite")
    expect(ana.page.get_by_role("log")).to_have_attribute("aria-live", "off")

    ana.say("my own")
    expect(ben.page.locator("#announcer")).to_have_text("Ana: my own")  # and no history
    ben.say("hello")
    expect(announced).to_have_text("Ben: hello")


def tab_to(page: Page, target: Locator, *, backwards: bool = False) -> None:
    """Press Tab until the target has the focus, and shows it."""
    for _ in range(MOST_TABS):
        if target.evaluate("one => one.matches(':focus-visible')"):
            return
        page.keyboard.press("Shift+Tab" if backwards else "Tab")
    raise AssertionError(f"{MOST_TABS} times Tab have not come to {target}")
