"""Writing where things are not as usual: with a keyboard at a touch screen, and without a network."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.e2e.people import People
from tests.running import RunningNode


def test_where_enter_breaks_the_line_it_sends_with_ctrl(people: People, node: RunningNode, room: str) -> None:
    ben = people.ben()
    ben.enter(node, room)
    ben.composer.fill("one")
    ben.composer.press("Enter")
    ben.composer.press_sequentially("two")
    expect(ben.composer).to_have_value("one\ntwo")
    ben.composer.press("Control+Enter")
    ben.sees("one two")


def test_offline_one_writes_on_and_is_told_what_becomes_of_it(
    people: People, node: RunningNode, room: str
) -> None:
    ana = people.ana()
    ana.enter(node, room)
    ana.go_offline()
    expect(ana.connection).to_contain_text("You are offline. What you write will be sent when you are back.")
    ana.say("one", "two")
    expect(ana.connection).to_contain_text("You are offline. 2 messages will be sent when you are back.")
    expect(ana.composer).to_be_enabled()
    expect(ana.page.get_by_test_id("composer-send")).to_be_enabled()
    ana.go_online()
    ana.sees("one", "two")
    ana.all_is_sent()


def test_a_draft_that_is_too_long_survives_a_reload(people: People, node: RunningNode, room: str) -> None:
    ana = people.ana()
    ana.enter(node, room)
    ana.composer.fill("x" * 4_002)
    ana.composer.press("Enter")
    ana.page.reload()
    expect(ana.composer).to_have_value("x" * 4_002)
    expect(ana.page.locator("#composer-count")).to_have_text("2 too many")
